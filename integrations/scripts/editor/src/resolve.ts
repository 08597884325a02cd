// Finds what an expression of a script is: follows names to where they were declared, members, calls and awaits.
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";
import { globals, type Member, TEXT, type Type } from "./types";

const DEEPEST = 20; // a variable may be declared by itself
const SCOPES = new Set(["Script", "Block", "ForStatement", "FunctionDeclaration", "FunctionExpression", "ArrowFunction", "MethodDeclaration"]);
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunction"]);
const GIVES_ELEMENT = /^(at|find|findLast|pop|shift)$/;
const GIVES_LIST = /^(filter|slice|concat|reverse|sort|toReversed|toSorted|flat)$/;
const TAKES_ELEMENT = /^(every|filter|find|findIndex|findLast|flatMap|forEach|map|some)$/;

export class Resolver {
    constructor(
        private readonly state: EditorState,
        private readonly context: Type,
    ) {}

    /** The type of an expression; null if it is unknown. */
    typeOf(node: SyntaxNode | null, depth = 0): Type | null {
        if (!node || depth > DEEPEST) return null;
        const deeper = depth + 1;
        switch (node.name) {
            case "VariableName":
                return this.typeOfName(node, deeper);
            case "MemberExpression":
                return this.typeOfMember(node, deeper);
            case "CallExpression":
                return this.typeOfCall(node, deeper);
            case "NewExpression":
                return this.typeOf(node.getChild("VariableName"), deeper);
            case "AwaitExpression":
            case "ParenthesizedExpression":
                return this.typeOf(node.lastChild?.name === ")" ? node.lastChild.prevSibling : node.lastChild, deeper);
            case "BinaryExpression": // a ?? b, a || b
                return this.typeOf(node.firstChild, deeper) ?? this.typeOf(node.lastChild, deeper);
            case "String":
            case "TemplateString":
                return TEXT;
            default:
                return null;
        }
    }

    /** The member that a property name or a global name stands for. */
    memberAt(node: SyntaxNode, depth = 0): Member | null {
        const name = this.text(node);
        if (node.name === "PropertyName" && node.parent?.name === "MemberExpression") {
            return this.typeOf(node.parent.firstChild, depth)?.members().find((member) => member.name === name) ?? null;
        }
        if (node.name === "VariableName" && !this.declaration(node)) return globals.find((member) => member.name === name) ?? null;
        return null;
    }

    /** The member that a call expression calls. */
    called(call: SyntaxNode | null, depth = 0): Member | null {
        const callee = call?.firstChild;
        if (!callee) return null;
        const name = callee.name === "MemberExpression" ? callee.lastChild : callee;
        return name && this.memberAt(name, depth);
    }

    text(node: SyntaxNode | null): string {
        return node ? this.state.sliceDoc(node.from, node.to) : "";
    }

    private typeOfName(node: SyntaxNode, depth: number): Type | null {
        const declaration = this.declaration(node);
        if (declaration?.parent?.name === "CatchClause") return this.caught(node, depth);
        if (declaration) return this.typeOfDeclaration(declaration, depth);
        const name = this.text(node);
        return name === "ctx" ? this.context : (globals.find((member) => member.name === name)?.type ?? null);
    }

    /** What was caught is what the condition around the place says: `error instanceof HttpError`. */
    private caught(place: SyntaxNode, depth: number): Type | null {
        for (let around = place.parent; around && around.name !== "CatchClause"; around = around.parent) {
            const condition = around.name === "IfStatement" ? around.getChild("ParenthesizedExpression")?.getChild("BinaryExpression") : around;
            const test = [condition, condition?.firstChild].find((each) => each?.getChild("instanceof") && this.text(each.firstChild) === this.text(place));
            if (test) return this.typeOf(test.lastChild, depth);
        }
        return null;
    }

    private typeOfMember(node: SyntaxNode, depth: number): Type | null {
        const object = this.typeOf(node.firstChild, depth);
        if (node.lastChild?.name === "]") return object?.element ?? null;
        return object?.members().find((member) => member.name === this.text(node.lastChild))?.type ?? null;
    }

    private typeOfCall(node: SyntaxNode, depth: number): Type | null {
        const callee = node.firstChild;
        const list = callee?.name === "MemberExpression" ? this.typeOf(callee.firstChild, depth) : null;
        if (list?.element) {
            const name = this.text(callee?.lastChild ?? null);
            return GIVES_ELEMENT.test(name) ? list.element : GIVES_LIST.test(name) ? list : null;
        }
        return this.called(node, depth)?.type ?? null;
    }

    /** The nearest declaration of a name whose scope holds the place; before it, if it has one there. */
    private declaration(place: SyntaxNode): SyntaxNode | null {
        const name = this.text(place);
        let found: SyntaxNode | null = null;
        syntaxTree(this.state).iterate({
            to: place.from,
            enter: (node) => {
                if (node.name !== "VariableDefinition" || this.text(node.node) !== name || node.to > place.from) return;
                const scope = scopeOf(node.node);
                if (scope.from <= place.from && place.from <= scope.to) found = node.node;
            },
        });
        return found;
    }

    private typeOfDeclaration(declaration: SyntaxNode, depth: number): Type | null {
        const parent = declaration.parent;
        if (parent?.name === "PatternProperty") return this.typeOfPattern(parent, declaration, depth);
        return this.typeOfTarget(declaration, depth);
    }

    /** `const { a, b: c } = …`, also as a parameter. */
    private typeOfPattern(property: SyntaxNode, declaration: SyntaxNode, depth: number): Type | null {
        const name = this.text(property.getChild("PropertyName") ?? declaration);
        const whole = property.parent && (property.parent.parent?.name === "PatternProperty" ? null : this.typeOfTarget(property.parent, depth));
        return whole?.members().find((member) => member.name === name)?.type ?? null;
    }

    /** The type of what is bound to a name or a pattern. */
    private typeOfTarget(target: SyntaxNode, depth: number): Type | null {
        const parent = target.parent;
        if (parent?.name === "VariableDeclaration") {
            return target.nextSibling?.name === "Equals" ? this.typeOf(target.nextSibling.nextSibling, depth) : null;
        }
        if (parent?.name === "ForOfSpec") return this.typeOf(afterOf(parent), depth)?.element ?? null;
        if (parent?.name === "ParamList") return this.typeOfParameter(parent, target, depth);
        return null;
    }

    /** The context for run(ctx), its event for match(event), the element for callbacks of lists. */
    private typeOfParameter(list: SyntaxNode, parameter: SyntaxNode, depth: number): Type | null {
        const owner = list.parent;
        const before = parameter.prevSibling?.name;
        if (!owner || !FUNCTIONS.has(owner.name) || (before && before !== "(")) return null;
        if (owner.parent?.name === "ArgList") {
            const callee = owner.parent.parent?.firstChild ?? null;
            const takes = callee?.name === "MemberExpression" && TAKES_ELEMENT.test(this.text(callee.lastChild));
            return takes ? (this.typeOf(callee.firstChild, depth)?.element ?? null) : null;
        }
        const named = owner.getChild("VariableDefinition") ?? owner.parent?.getChild("VariableDefinition") ?? null;
        if (this.text(named) === "match") return this.context.members().find((member) => member.name === "event")?.type ?? null;
        return this.text(named) === "run" || this.text(parameter) === "ctx" ? this.context : null;
    }
}

function afterOf(spec: SyntaxNode): SyntaxNode | null {
    const of = spec.getChild("of");
    return of ? of.nextSibling : null;
}

function scopeOf(node: SyntaxNode): SyntaxNode {
    const owner = node.parent?.name === "FunctionDeclaration" ? node.parent.parent : node.parent;
    let scope = owner ?? node;
    while (scope.parent && !SCOPES.has(scope.name)) scope = scope.parent;
    return scope;
}
