import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, apiUrl, asProblem, read, readTagged, SIGNED_OUT, segment, send } from "./api";
import { readBoot } from "./boot";
import { navigate } from "./router";

const DEFAULTS = { prefix: "", database: null, poll: 15, ways: [], notice: null };

let asked: { url: string; init: RequestInit }[];

function serve(body: string, init: ResponseInit = {}): void {
  vi.stubGlobal("fetch", async (url: string, options: RequestInit) => {
    asked.push({ url, init: options });
    return new Response(body, init);
  });
}

beforeEach(() => {
  asked = [];
  navigate("/", { replace: true });
});
afterEach(() => vi.unstubAllGlobals());

async function refused(): Promise<ApiError> {
  const error: unknown = await read("tables").catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test("an address leaves out what is not asked, and names the database of the page", () => {
  expect(apiUrl("tables", { q: "", cursor: null, limit: 10 })).toBe("/api/v1/tables?limit=10");
  navigate("/?database=eu", { replace: true });
  expect(apiUrl("tables")).toBe("/api/v1/tables?database=eu");
});

test("a table's name is one part of the address", () => {
  expect(segment('app."a/b"')).toBe("app.%22a%2Fb%22");
});

test("a refusal is the server's problem document", async () => {
  const problem = { title: "Read only", status: 403, code: "read_only", detail: "No." };
  serve(JSON.stringify(problem), {
    status: 403,
    headers: { "Content-Type": "application/problem+json" },
  });
  const error = await refused();
  expect(error.code).toBe("read_only");
  expect(error.problem).toMatchObject({ ...problem, errors: [], plan: null });
});

test("a proxy's error page becomes a problem with a hint", async () => {
  serve("<h1>Bad gateway</h1>", { status: 502, headers: { "Content-Type": "text/html" } });
  const error = await refused();
  expect(error.status).toBe(502);
  expect(error.problem.hint).toMatch(/proxy/);
});

test("no answer at all is a problem too, and says what to check", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
  expect((await refused()).code).toBe("unreachable");
});

test("an answer that nobody wants any more is no problem", async () => {
  const gone = new DOMException("aborted", "AbortError");
  vi.stubGlobal("fetch", () => Promise.reject(gone));
  await expect(read("tables")).rejects.toBe(gone);
});

test("the window hears that nobody is logged in", async () => {
  serve("", { status: 401 });
  const heard = vi.fn();
  window.addEventListener(SIGNED_OUT, heard);
  await refused();
  window.removeEventListener(SIGNED_OUT, heard);
  expect(heard).toHaveBeenCalledOnce();
});

test("what is sent is JSON, and names the version that was seen", async () => {
  serve("");
  await send("PUT", "tables/a/settings", { settings: {} }, { ifMatch: 'W/"1"' });
  expect(asked[0]?.init).toMatchObject({ method: "PUT", body: '{"settings":{}}' });
  expect(asked[0]?.init.headers).toMatchObject({
    "Content-Type": "application/json",
    "If-Match": 'W/"1"',
  });
});

test("a reading can hand out its ETag", async () => {
  serve("{}", { headers: { ETag: 'W/"7"' } });
  expect(await readTagged("tables/a/settings")).toEqual({ value: {}, etag: 'W/"7"' });
});

test("a mistake of the page is shown as one", () => {
  expect(asProblem(new Error("x is undefined"))).toMatchObject({
    code: "page",
    detail: "x is undefined",
  });
});

test("a page without boot data takes the defaults", () => {
  const page = new DOMParser().parseFromString("<p></p>", "text/html");
  expect(readBoot(page)).toEqual({ ...DEFAULTS });
  page.body.innerHTML = '<script type="application/json" id="boot">{"prefix": "/ops"}</script>';
  expect(readBoot(page)).toEqual({ ...DEFAULTS, prefix: "/ops" });
});
