// Offers members of ctx with their texts, options of calls, names of connections, and the language's own objects.
import { type Completion, type CompletionContext, type CompletionResult, completeFromList } from "@codemirror/autocomplete";
import { javascriptLanguage, scopeCompletionSource } from "@codemirror/lang-javascript";
import { syntaxTree } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { hoverTooltip } from "@codemirror/view";
import type { SyntaxNode } from "@lezer/common";
import { Resolver } from "./resolve";
import { contextType, globals, type Member, type PageContext } from "./types";

const WORD = /^[\w$]*$/;
const LANGUAGE = {
    Array, BigInt, Boolean, Date, Error, JSON, Map, Math, Number, Object, Promise, Reflect, RegExp, Set, String, Symbol, TypeError, Uint8Array,
    decodeURIComponent, encodeURIComponent, isFinite, isNaN, parseFloat, parseInt,
};

function described(member: Member): HTMLElement {
    const box = document.createElement("div");
    box.className = "script-doc";
    const signature = box.appendChild(document.createElement("code"));
    signature.textContent = member.signature;
    if (member.text) box.appendChild(document.createElement("p")).textContent = member.text;
    return box;
}

function option(member: Member): Completion {
    const brief = member.kind === "class" ? "" : member.signature.slice(member.name.length).replace(/^\??: /, "").replace(/^\{.*\}/s, "object");
    return {
        label: member.name,
        type: member.kind,
        detail: brief.length > 32 ? `${brief.slice(0, 31)}…` : brief,
        info: () => described(member),
    };
}

/** Completion and the texts shown on hovering; `page` is asked each time, since a page may change it. */
export function assistance(page: () => PageContext): Extension {
    const assistant = new Assistant(page);
    return [
        javascriptLanguage.data.of({ autocomplete: (context: CompletionContext) => assistant.complete(context) }),
        javascriptLanguage.data.of({ autocomplete: scopeCompletionSource(LANGUAGE) }),
        hoverTooltip((view, position) => {
            const node = syntaxTree(view.state).resolveInner(position, -1);
            const member = new Resolver(view.state, contextType(page())).memberAt(node);
            return member && { pos: node.from, end: node.to, above: true, create: () => ({ dom: described(member) }) };
        }),
    ];
}

class Assistant {
    constructor(private readonly page: () => PageContext) {}

    complete(context: CompletionContext): CompletionResult | null | Promise<CompletionResult | null> {
        const node = syntaxTree(context.state).resolveInner(context.pos, -1);
        const resolver = new Resolver(context.state, contextType(this.page()));
        if (node.name === "String") return this.argument(node, resolver);
        if (isMemberPlace(node)) return this.members(node, resolver);
        if (node.name === "PropertyDefinition" || node.name === "{" || node.name === "ObjectExpression") {
            const offered = this.options(node, resolver, context);
            if (offered) return offered;
        }
        const names = globals.map(option);
        return /VariableName|Script|Block/.test(node.name) ? completeFromList(names)(context) : null;
    }

    private members(node: SyntaxNode, resolver: Resolver): CompletionResult | null {
        const type = resolver.typeOf(node.parent?.firstChild ?? null);
        const from = node.name === "PropertyName" ? node.from : node.to;
        const options = type?.members().map(option) ?? [];
        return options.length ? { from, options, validFor: WORD } : null;
    }

    /** Keys of an object that is given to a call: the options of that method. */
    private options(node: SyntaxNode, resolver: Resolver, context: CompletionContext): CompletionResult | null {
        const object = ancestor(node, "ObjectExpression");
        const list = object?.parent;
        if (!object || list?.name !== "ArgList") return null;
        const position = argumentsOf(list).findIndex((each) => each.from === object.from);
        const type = resolver.called(list.parent)?.given[position];
        const before = context.matchBefore(/[{,]\s*\w*$/);
        if (!type || !before) return null;
        const word = context.matchBefore(/\w*/);
        return { from: word?.from ?? context.pos, options: type.members().map(option), validFor: WORD };
    }

    /** The first argument of a method of ctx whose values the page named, such as ctx.connection("…"). */
    private argument(node: SyntaxNode, resolver: Resolver): CompletionResult | null {
        const list = node.parent;
        const callee = list?.name === "ArgList" && list.parent?.firstChild;
        if (!callee || callee.name !== "MemberExpression" || argumentsOf(list)[0]?.from !== node.from) return null;
        const values = this.page().arguments?.[resolver.text(callee.lastChild)] ?? [];
        const options = values.map((label) => ({ label, type: "constant" }));
        return options.length ? { from: node.from + 1, options, validFor: /^[^"'`]*$/ } : null;
    }
}

function isMemberPlace(node: SyntaxNode): boolean {
    return node.parent?.name === "MemberExpression" && (node.name === "PropertyName" || node.name === "." || node.name === "?.");
}

function argumentsOf(list: SyntaxNode): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let each = list.firstChild; each; each = each.nextSibling) if (!/^[(),]$/.test(each.name)) found.push(each);
    return found;
}

function ancestor(node: SyntaxNode, name: string): SyntaxNode | null {
    for (let each: SyntaxNode | null = node; each; each = each.parent) if (each.name === name) return each;
    return null;
}
