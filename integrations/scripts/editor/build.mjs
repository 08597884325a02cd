// Bundles the editor into ../static/scripts. The same sources give the same bytes; build.json says what went in and came out.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { referenceOf } from "./build/reference.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "../static/scripts");
const CONSOLE = join(HERE, "../../events/static/events/console"); // a build of its own: that app's pages know nothing of scripts
const TYPES = join(HERE, "../sandbox/javascript/ctx.d.ts");
const CONSOLE_LIMIT = 700_000; // of the GraphQL console: CodeMirror, and graphql with its language service
const FIRST_LIMIT = 400_000; // minified bytes that a page needs before one can type: an entry and what it imports at once
const SIZE_LIMIT = 620_000; // of all scripts together; CodeMirror with its grammar is 430,000 of them

const reference = {
    name: "reference",
    setup(made) {
        made.onResolve({ filter: /^reference:ctx$/ }, () => ({ path: "ctx", namespace: "reference" }));
        made.onLoad({ filter: /.*/, namespace: "reference" }, () => ({ contents: JSON.stringify(referenceOf(TYPES)), loader: "json" }));
    },
};

const common = {
    absWorkingDir: HERE,
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]", // one file never goes with another build's
    target: ["es2022"],
    charset: "utf8",
    legalComments: "inline",
    plugins: [reference],
    metafile: true,
    write: false,
};
const result = await build({
    ...common,
    entryPoints: { editor: "src/editor.ts", page: "src/page.ts" },
    outdir: OUT,
    banner: { js: "/*! Fieldport's script editor, built by `make editor` from integrations/scripts/editor. Packages within: LICENSES.txt */" },
});

const outputs = Object.fromEntries(result.outputFiles.map((file) => [relative(OUT, file.path), Buffer.from(file.contents)]));
outputs["editor.css"] = readFileSync(join(HERE, "src/editor.css"));
outputs["LICENSES.txt"] = Buffer.from(licences(Object.keys(result.metafile.inputs)));
const size = Object.entries(outputs).filter(([name]) => name.endsWith(".js")).reduce((sum, [, bytes]) => sum + bytes.length, 0);
if (size > SIZE_LIMIT) throw new Error(`the scripts have ${size} bytes, allowed are ${SIZE_LIMIT}`);
for (const entry of ["editor.js", "page.js"]) {
    const first = atOnce(entry).reduce((sum, name) => sum + outputs[name].length, 0);
    if (first > FIRST_LIMIT) throw new Error(`${entry} and what it imports have ${first} bytes, allowed are ${FIRST_LIMIT}`);
    console.log(`${entry} and what it imports: ${first} bytes`);
}

store(OUT, outputs);

const asking = await build({
    ...common,
    entryPoints: { console: "src/console.ts" },
    outdir: CONSOLE,
    banner: { js: "/*! Fieldport's GraphQL console, built by `make editor` from integrations/scripts/editor. Packages within: LICENSES.txt */" },
});
const asked = Object.fromEntries(asking.outputFiles.map((file) => [relative(CONSOLE, file.path), Buffer.from(file.contents)]));
const askedSize = Object.values(asked).reduce((sum, bytes) => sum + bytes.length, 0);
if (askedSize > CONSOLE_LIMIT) throw new Error(`the console has ${askedSize} bytes, allowed are ${CONSOLE_LIMIT}`);
store(CONSOLE, { ...asked, "editor.css": outputs["editor.css"], "LICENSES.txt": Buffer.from(licences(Object.keys(asking.metafile.inputs))) });

function store(folder, files) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const facts = { inputs: hashes(inputs(), (path) => readFileSync(join(HERE, path))), outputs: hashes(Object.keys(files).sort(), (name) => files[name]) };
    writeFileSync(join(folder, "build.json"), `${JSON.stringify(facts, null, 1)}\n`);
    for (const [name, bytes] of Object.entries(files)) console.log(`${name}: ${bytes.length} bytes`);
}

// Names of an output and of all that it imports before it begins.
function atOnce(name, known = new Set()) {
    if (known.has(name)) return [...known];
    known.add(name);
    const { imports } = Object.entries(result.metafile.outputs).find(([path]) => path.endsWith(`/${name}`))[1];
    for (const { path, kind } of imports) if (kind === "import-statement") atOnce(path.split("/").at(-1), known);
    return [...known];
}

// Paths of everything that the build depends on, from this folder. The lock file stands for the packages.
function inputs() {
    const own = readdirSync(HERE, { recursive: true }).map((path) => path.split(sep).join("/"));
    const sources = own.filter((path) => !path.startsWith("node_modules/") && /\.(ts|mjs|css|json)$/.test(path));
    return [...sources, relative(HERE, TYPES).split(sep).join("/")].sort();
}

function hashes(names, read) {
    return Object.fromEntries(names.map((name) => [name, createHash("sha256").update(read(name)).digest("hex")]));
}

// The licence of each package that the bundles hold.
function licences(paths) {
    const folders = new Set(paths.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean));
    return [...folders].sort().map((name) => {
        const { version, license } = JSON.parse(readFileSync(join(HERE, "node_modules", name, "package.json"), "utf8"));
        const file = readdirSync(join(HERE, "node_modules", name)).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
        const text = file ? readFileSync(join(HERE, "node_modules", name, file), "utf8").trim() : "The package has no text of its licence.";
        return `${name} ${version} (${license})\n\n${text}\n`;
    }).join(`\n${"-".repeat(72)}\n\n`);
}
