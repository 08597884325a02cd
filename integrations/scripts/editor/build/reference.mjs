// Turns the types of ctx into a small table for completion: a language service in the browser would weigh megabytes.
//
// {root: "Name", types: {Name: {members: [member], element?: ref, index?: ref}}, globals: [member]}
// member: [name, "method"|"property"|"class", signature, text, ref, [ref of each parameter]]; ref: a type's name or "".
import ts from "typescript";

const ROOT = /^(ScriptContext|Context|Ctx)$/;
const PLAIN = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;
const BRIEF = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature;

export function referenceOf(path) {
    const program = ts.createProgram([path], { target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts"], types: [], strict: true });
    const wrong = ts.getPreEmitDiagnostics(program).map((each) => ts.flattenDiagnosticMessageText(each.messageText, " "));
    if (wrong.length) throw new Error(`${path}: ${wrong.join("; ")}`);
    return new Reader(program.getTypeChecker(), program.getSourceFile(path)).read();
}

class Reader {
    constructor(checker, file) {
        Object.assign(this, { checker, file, types: {}, names: new Map() });
    }

    read() {
        const declared = this.declared();
        const context = declared.find((symbol) => ROOT.test(symbol.name) && symbol.flags & ts.SymbolFlags.Interface);
        if (!context) throw new Error(`${this.file.fileName}: no interface ScriptContext, Context or Ctx`);
        const root = this.named(this.checker.getDeclaredTypeOfSymbol(context));
        const values = declared.filter((symbol) => symbol.flags & ts.SymbolFlags.Value && symbol.name !== "ctx");
        return { root, types: this.types, globals: values.map((symbol) => this.member(symbol)) };
    }

    // Everything the file declares: at its top, exported, or in `declare global`.
    declared() {
        const found = new Map();
        const visit = (node) => {
            const name = node.name && ts.isIdentifier(node.name) ? this.checker.getSymbolAtLocation(node.name) : undefined;
            if (name && !ts.isModuleDeclaration(node)) found.set(name.name, name);
            if (ts.isSourceFile(node) || ts.isModuleDeclaration(node) || ts.isModuleBlock(node)) ts.forEachChild(node, visit);
            if (ts.isVariableStatement(node)) node.declarationList.declarations.forEach(visit);
        };
        visit(this.file);
        return [...found.values()];
    }

    member(symbol) {
        const type = this.checker.getTypeOfSymbolAtLocation(symbol, this.file);
        const call = type.getCallSignatures()[0];
        const kind = symbol.flags & ts.SymbolFlags.Class || type.getConstructSignatures().length ? "class" : call ? "method" : "property";
        const result = kind === "class" ? this.built(symbol, type) : call ? call.getReturnType() : type;
        const given = (call?.getParameters() ?? []).map((each) => this.checker.getTypeOfSymbolAtLocation(each, this.file));
        return [symbol.name, kind, this.signature(symbol, type, call, kind), this.text(symbol), this.ref(result), given.map((each) => this.ref(each))];
    }

    built(symbol, type) {
        return type.getConstructSignatures()[0]?.getReturnType() ?? this.checker.getDeclaredTypeOfSymbol(symbol);
    }

    signature(symbol, type, call, kind) {
        if (kind === "class") return `class ${symbol.name}`;
        if (call) return symbol.name + this.checker.signatureToString(call, this.file, BRIEF).replace(/\) => /, "): ");
        const written = this.checker.typeToString(type, this.file, ts.TypeFormatFlags.None);
        const isOptional = symbol.flags & ts.SymbolFlags.Optional;
        return `${symbol.name}${isOptional ? "?" : ""}: ${isOptional ? written.replace(/ \| undefined$/, "") : written}`;
    }

    text(symbol) {
        return ts.displayPartsToString(symbol.getDocumentationComment(this.checker)).trim();
    }

    // Which table of members stands behind a value of this type: promises are opened, null and undefined left out.
    ref(type) {
        const open = this.checker.getNonNullableType(this.checker.getAwaitedType(type) ?? type);
        if (open.flags & PLAIN) return open.flags & ts.TypeFlags.StringLike ? "string" : "";
        if (open.isUnion()) return open.types.map((each) => this.ref(each)).find(Boolean) ?? "";
        return open.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection) ? this.named(open) : "";
    }

    named(type) {
        if (this.names.has(type)) return this.names.get(type);
        const wanted = type.aliasSymbol?.name ?? type.symbol?.name ?? "";
        const name = /^\w+$/.test(wanted) && !/^__/.test(wanted) && !(wanted in this.types) ? wanted : `#${this.names.size}`;
        this.names.set(type, name);
        this.types[name] = {};
        const element = this.checker.isArrayLikeType(type) ? this.checker.getTypeArguments(type)[0] : undefined;
        const index = element ? undefined : type.getStringIndexType();
        const own = element || type.getCallSignatures().length ? [] : type.getProperties().filter((each) => this.isOurs(each));
        if (own.length) this.types[name].members = own.map((each) => this.member(each));
        if (element) this.types[name].element = this.ref(element);
        if (index) this.types[name].index = this.ref(index);
        return name;
    }

    // Members of the language's own types (Array, Error) come from the browser's built-ins.
    isOurs(symbol) {
        return (symbol.declarations ?? []).some((each) => each.getSourceFile() === this.file) || symbol.declarations?.[0] === undefined || ["message", "name"].includes(symbol.name);
    }
}
