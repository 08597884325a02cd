// Bundles the editor into ../static/scripts. The same sources give the same bytes; build.json says what went in and came out.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { referenceOf } from "./build/reference.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "../static/scripts");
const TYPES = join(HERE, "../sandbox/javascript/ctx.d.ts");
const FIRST_LIMIT = 400_000; // minified bytes that a page needs before one can type: an entry and what it imports at once
const SIZE_LIMIT = 620_000; // of all scripts together; CodeMirror with its grammar is 430,000 of them

const reference = {
    name: "reference",
    setup(made) {
        made.onResolve({ filter: /^reference:ctx$/ }, () => ({ path: "ctx", namespace: "reference" }));
        made.onLoad({ filter: /.*/, namespace: "reference" }, () => ({ contents: JSON.stringify(referenceOf(TYPES)), loader: "json" }));
    },
};

const result = await build({
    absWorkingDir: HERE,
    entryPoints: { editor: "src/editor.ts", page: "src/page.ts" },
    outdir: OUT,
    bundle: true,
    minify: true,
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]", // one file never goes with another build's
    target: ["es2022"],
    charset: "utf8",
    legalComments: "inline",
    banner: { js: "/*! Fieldport's script editor, built by `make editor` from integrations/scripts/editor. Packages within: LICENSES.txt */" },
    plugins: [reference],
    metafile: true,
    write: false,
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

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
for (const [name, bytes] of Object.entries(outputs)) writeFileSync(join(OUT, name), bytes);
const facts = { inputs: hashes(inputs(), (path) => readFileSync(join(HERE, path))), outputs: hashes(Object.keys(outputs).sort(), (name) => outputs[name]) };
writeFileSync(join(OUT, "build.json"), `${JSON.stringify(facts, null, 1)}\n`);
for (const [name, bytes] of Object.entries(outputs)) console.log(`${name}: ${bytes.length} bytes`);

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
        const text = readFileSync(join(HERE, "node_modules", name, "LICENSE"), "utf8").trim();
        return `${name} ${version} (${license})\n\n${text}\n`;
    }).join(`\n${"-".repeat(72)}\n\n`);
}
