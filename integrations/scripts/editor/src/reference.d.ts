declare module "reference:ctx" {
    // See build/reference.mjs.
    type Kind = "method" | "property" | "class";
    type Row = [name: string, kind: Kind, signature: string, text: string, ref: string, given: string[]];
    const reference: { root: string; types: Record<string, { members?: Row[]; element?: string; index?: string }>; globals: Row[] };
    export default reference;
}
