// Builds the dashboard's assets into dist/, which the binary embeds: the style sheet (Tailwind over app.css and the
// classes used in templates), htmx, the icon sprite named in icons.txt, app.js and everything in static/.
// Run by `npm run build` from the repository's root.
import { execFileSync } from "node:child_process";
import { cpSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const dist = join(here, "dist");
const packages = join(root, "node_modules");
const staging = join(packages, ".causeway-assets"); // ignored by git, so Tailwind does not look for classes in it

// The folder changes only when everything is built, and app.css comes last: the Makefile takes it for the sign that the
// rest is there, and a Go compiler at work meanwhile finds a whole folder.
function publish() {
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) {
    // .keep is committed, so that the folder exists and Go can embed it before the first build.
    if (name !== ".keep") rmSync(join(dist, name), { recursive: true });
  }
  const names = readdirSync(staging).filter((name) => name !== "app.css");
  for (const name of [...names, "app.css"]) renameSync(join(staging, name), join(dist, name));
}

function iconNames() {
  return readFileSync(join(here, "icons.txt"), "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((name) => name !== "");
}

// One <symbol> per icon, addressed as icons.svg#name. The drawing attributes stand on the symbol, because a page that
// uses one cannot reach into another document with its style sheet.
function sprite(names) {
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate) throw new Error(`views/assets/icons.txt names ${duplicate} twice`);
  const symbols = names.map((name) => {
    const file = join(packages, "lucide-static", "icons", `${name}.svg`);
    if (!existsSync(file)) throw new Error(`views/assets/icons.txt names ${name}, which lucide does not have`);
    const drawing = readFileSync(file, "utf8").match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1].replace(/\s+/g, " ").trim();
    return (
      `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" ` +
      `stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

// The licences of what ends up in the binary travel with it.
function licences() {
  const parts = ["tailwindcss", "basecoat-css", "htmx.org", "lucide-static"].map((name) => {
    const folder = join(packages, name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
    return `${name} ${version}\n\n${text}\n`;
  });
  return parts.join(`\n${"-".repeat(72)}\n\n`);
}

function styleSheet(target) {
  const cli = createRequire(import.meta.url).resolve("@tailwindcss/cli/package.json");
  const { bin } = JSON.parse(readFileSync(cli, "utf8"));
  const args = [join(dirname(cli), bin.tailwindcss), "--input", join(here, "app.css"), "--output", target, "--minify"];
  execFileSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
}

rmSync(staging, { recursive: true, force: true });
mkdirSync(staging);
copyFileSync(join(packages, "htmx.org", "dist", "htmx.min.js"), join(staging, "htmx.min.js"));
writeFileSync(join(staging, "icons.svg"), sprite(iconNames()));
writeFileSync(join(staging, "licences.txt"), licences());
if (existsSync(join(here, "app.js"))) copyFileSync(join(here, "app.js"), join(staging, "app.js"));
if (existsSync(join(here, "static"))) cpSync(join(here, "static"), staging, { recursive: true });
styleSheet(join(staging, "app.css"));
publish();
