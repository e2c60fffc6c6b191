/**
 * Serves the built pages over made-up answers, to look at them without a database.
 *
 *     node tests/server.mjs [port] [prefix] [case]
 *
 * The case is one of `usual`, `quiet`, `empty`, `down`, `reader`, `out`.  Headers are as strict
 * as the real server's, so that what they forbid is seen here too.
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answer } from "./answers.mjs";

const [port = "8140", prefix = "", kind = "usual"] = process.argv.slice(2);
const STATIC =
  process.env.PARTMAN_STATIC ??
  join(dirname(fileURLToPath(import.meta.url)), "../../partman_webui/static");
const TYPES = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".md": "text/markdown",
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

function index() {
  const boot = JSON.stringify({ prefix, database: "app", poll: 15 });
  return readFileSync(join(STATIC, "index.html"), "utf8")
    .replaceAll('="./', `="${prefix}/`)
    .replace(/(id="boot">)[^<]*/, `$1${boot}`);
}

function file(path) {
  try {
    return readFileSync(join(STATIC, normalize(path)));
  } catch {
    return null;
  }
}

function events(response, items) {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("retry: 1500\n\n");
  for (const item of items)
    response.write(`id: ${item.id}\nevent: run\ndata: ${JSON.stringify(item)}\n\n`);
  const timer = setTimeout(() => response.end("event: bye\ndata: {}\n\n"), 25_000);
  response.on("close", () => clearTimeout(timer));
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : null;
}

createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const path = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) || "/" : null;
  response.setHeader("Content-Security-Policy", CSP);
  if (path === null) return response.writeHead(404).end();
  if (path.startsWith("/api/v1/")) {
    const { status, body } = answer(kind, {
      method: request.method,
      path: path.slice(8),
      query: url.searchParams,
      sent: await bodyOf(request),
    });
    if (body?.items && request.headers.accept?.includes("event-stream"))
      return events(response, body.items);
    const type = status < 400 ? "application/json" : "application/problem+json";
    return response.writeHead(status, { "Content-Type": type }).end(JSON.stringify(body));
  }
  const bytes = extname(path) && file(path);
  if (bytes) return response.writeHead(200, { "Content-Type": TYPES[extname(path)] }).end(bytes);
  if (path.startsWith("/assets/")) return response.writeHead(404).end();
  return response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(index());
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}${prefix}/`));
