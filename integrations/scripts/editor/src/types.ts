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

/** Fields as a tree: "session.state" is the leaf state of session. */
interface Branch {
    label: string;
    type: string;
    children: Map<string, Branch>;
}

function tree(fields: Field[]): Branch {
    const root: Branch = { label: "", type: "", children: new Map() };
    for (const field of fields) {
        let at = root;
        for (const name of field.path.split(".")) {
            if (!at.children.has(name)) at.children.set(name, { label: "", type: "", children: new Map() });
            at = at.children.get(name) as Branch;
        }
        Object.assign(at, { label: field.label ?? "", type: field.type ?? "" });
    }
    return root;
}

/** The type with the tree's fields added; what the types say of a field stays, the page's label stands below it. */
function withFields(type: Type | null, branch: Branch): Type | null {
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
    const roots = new Set(plain.members().map((member) => member.name));
    const open = (page.open_paths ?? []).map((path) => ({ path, type: "open" }));
    const fields = [...open, ...(page.fields ?? [])];
    const placed = [
        ...fields.map((field) => below("facts", field)),
        ...fields.filter((field) => roots.has(field.path.split(".")[0] ?? "")),
        ...(page.config ?? []).map((field) => below("config", field)),
        ...(page.secrets ?? []).map((name) => below("secrets", { path: name, label: "a secret: its value is filled in when it is sent" })),
    ];
    const own = withFields(plain, tree(placed)) as Type;
    return { element: null, members: () => own.members().map((member) => (member.name === "sources" ? withSources(member, fields) : member)) };
}

/** Each source of a batch has the same fields. */
function withSources(member: Member, fields: Field[]): Member {
    const list = member.type as Type;
    const roots = new Set(list.element?.members().map(({ name }) => name));
    const placed = [...fields.map((field) => below("facts", field)), ...fields.filter((field) => roots.has(field.path.split(".")[0] ?? ""))];
    return { ...member, type: { members: () => list.members(), element: withFields(list.element, tree(placed)) } };
}

function below(root: string, field: Field): Field {
    return { ...field, path: `${root}.${field.path}` };
}
