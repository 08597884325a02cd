// What a script may name: the members of ctx with their texts, made from its types, and the fields that the page adds.
import reference from "reference:ctx";

export interface Member {
    name: string;
    kind: "method" | "property" | "class";
    signature: string;
    text: string;
    type: Type | null;
    given: (Type | null)[];
}

export interface Type {
    members(): Member[];
    /** Type of an element, for lists. */
    element: Type | null;
}

/** What a page adds; the shapes are in docs/script-editor.md. */
export interface PageContext {
    fields?: Field[];
    objects?: Field[];
    open_paths?: string[];
    config?: Field[];
    secrets?: string[];
    arguments?: Record<string, string[]>;
}

export interface Field {
    path: string;
    type?: string;
    label?: string;
}

const HTML_METHODS = /^(anchor|big|blink|bold|fixed|fontcolor|fontsize|italics|link|small|strike|su[bp]|substr|trimLeft|trimRight)$/;

function builtIn(prototype: object): Member[] {
    const names = Object.getOwnPropertyNames(prototype).filter((name) => /^[a-z]\w*$/.test(name) && !HTML_METHODS.test(name));
    return names.filter((name) => name !== "constructor").map((name) => {
        const isMethod = typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === "function";
        return { name, kind: isMethod ? "method" : "property", signature: isMethod ? `${name}()` : name, text: "", type: null, given: [] };
    });
}

export const TEXT: Type = { members: () => builtIn(String.prototype), element: null };

function fromReference(ref: string): Type | null {
    if (ref === "string") return TEXT;
    const table = reference.types[ref];
    if (!table) return null;
    const isList = table.element !== undefined;
    return {
        members: () => (isList ? builtIn(Array.prototype) : (table.members ?? []).map(asMember)),
        get element() {
            return isList ? fromReference(table.element ?? "") : null;
        },
    };
}

function asMember([name, kind, signature, text, ref, given]: (typeof reference.globals)[number]): Member {
    return {
        name,
        kind,
        signature,
        text,
        get type() {
            return fromReference(ref);
        },
        get given() {
            return given.map(fromReference);
        },
    };
}

export const globals: Member[] = reference.globals.map(asMember);

/** Fields as a tree: "session.state" is the leaf state of session, "nodes[].name" a leaf of each element of nodes. */
class Branch {
    label = "";
    type = "";
    element: Branch | null = null;
    readonly children = new Map<string, Branch>();

    child(part: string): Branch {
        const name = part.replace(/\[\]$/, "");
        const found = this.children.get(name) ?? new Branch();
        this.children.set(name, found);
        return part === name ? found : (found.element ??= new Branch());
    }
}

function tree(fields: Field[]): Branch {
    const root = new Branch();
    for (const { path, label = "", type = "" } of fields) {
        const leaf = path.split(".").reduce((at, part) => at.child(part), root);
        Object.assign(leaf, { label, type });
    }
    return root;
}

/** The type with the tree's fields added; what the types say of a field stays, the page's label stands below it. */
function withFields(type: Type | null, branch: Branch): Type | null {
    if (branch.element) return { members: () => builtIn(Array.prototype), element: withFields(type?.element ?? null, branch.element) };
    if (!branch.children.size) return type ?? (branch.type === "text" || branch.type === "time" ? TEXT : null);
    return {
        members() {
            const known = new Map((type?.members() ?? []).map((member) => [member.name, member]));
            for (const [name, child] of branch.children) known.set(name, withBranch(known.get(name), name, child));
            return [...known.values()];
        },
        element: type?.element ?? null,
    };
}

function withBranch(member: Member | undefined, name: string, branch: Branch): Member {
    const isOpen = branch.type === "open" ? "any name may follow" : "";
    const plain = branch.type && branch.type !== "open" ? `${name}: ${branch.type}` : name;
    return {
        name,
        kind: member?.kind ?? "property",
        signature: member?.signature ?? plain,
        text: [member?.text, branch.label, isOpen].filter(Boolean).join("\n"),
        type: withFields(member?.type ?? null, branch),
        given: [],
    };
}

/** The type of ctx with the names of a page. */
export function contextType(page: PageContext): Type {
    const plain = fromReference(reference.root) as Type;
    const placed = [
        ...facts(plain, page),
        ...(page.config ?? []).map((field) => below("config", field)),
        ...(page.secrets ?? []).map((name) => below("secrets", { path: name, label: "a secret: its value is filled in when it is sent" })),
    ];
    const own = withFields(plain, tree(placed)) as Type;
    return { element: null, members: () => own.members().map((member) => (member.name === "sources" ? withSources(member, page) : member)) };
}

/** Each source of a batch has the same facts as ctx. */
function withSources(member: Member, page: PageContext): Member {
    const list = member.type as Type;
    const each = list.element as Type;
    return { ...member, type: { members: () => list.members(), element: withFields(each, tree(facts(each, page))) } };
}

/** The fields where a script finds them: all below facts, those of roots that the types leave open (order) there too. */
function facts(owner: Type, page: PageContext): Field[] {
    const open = (page.open_paths ?? []).map((path) => ({ path, type: "open" }));
    const fields = [...open, ...(page.fields ?? [])];
    const isOpen = new Set(owner.members().filter(({ kind, type }) => kind === "property" && type?.members().length === 0).map(({ name }) => name));
    const roots = fields.filter((field) => isOpen.has(field.path.split(".")[0] ?? ""));
    return [...fields.map((field) => below("facts", field)), ...roots, ...(page.objects ?? [])];
}

function below(root: string, field: Field): Field {
    return { ...field, path: `${root}.${field.path}` };
}
