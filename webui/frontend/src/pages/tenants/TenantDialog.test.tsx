import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answer, refused, type Sent, serve, settle } from "../../../tests/served";
import type { PlanShown, TenantsAsked, TenantsChanged } from "../../types";
import { TenantDialog } from "./TenantDialog";

const PLAN: PlanShown = {
  hash: "h",
  now: "2026-12-01T00:00:00Z",
  text: "10 to create",
  destroys: false,
  bytes_freed: 0,
  tables: [{ table: "public.events", hash: "h", text: "", operations: [], findings: [] }],
};

const changed = ({ body }: Sent): Answer => ({
  body: {
    added: Object.keys((body as TenantsAsked).tenants ?? {}),
    changed: [],
    removed: [],
    plan: PLAN,
    dry_run: (body as TenantsAsked).dry_run,
  },
});

let done: TenantsChanged[];

function adding(): void {
  done = [];
  render(
    <TenantDialog
      table="public.events"
      deed={{ kind: "add" }}
      onClose={() => undefined}
      onDone={(made) => done.push(made)}
    />,
  );
}

const type = (label: RegExp, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const button = (name: string) =>
  screen.getByText(name, { selector: "button" }) as HTMLButtonElement;

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a tenant is added only after its plan was seen", async () => {
  const sent = serve(changed);
  adding();
  expect(button("Preview").disabled).toBe(true);
  type(/^Tenant/, "acme");
  type(/^Retention/, "7 days");
  expect(button("Add").disabled).toBe(true);
  fireEvent.click(button("Preview"));
  await settle();
  expect(screen.getByText("10 to create")).toBeTruthy();
  expect(done).toEqual([]);
  fireEvent.click(button("Add"));
  await settle();
  const asked = { tenants: { acme: { retention_period: "7 days" } }, confirm: null };
  expect(sent.map(({ body }) => body)).toEqual([
    { ...asked, dry_run: true },
    { ...asked, dry_run: false },
  ]);
  expect(done.map(({ added }) => added)).toEqual([["acme"]]);
});

test("what is typed after the preview has to be previewed again", async () => {
  serve(changed);
  adding();
  type(/^Tenant/, "acme");
  fireEvent.click(button("Preview"));
  await settle();
  expect(button("Add").disabled).toBe(false);
  type(/^Tenant/, "acme2");
  expect(button("Add").disabled).toBe(true);
  expect(screen.queryByText("10 to create")).toBeNull();
});

test("a refused preview says why, and adds nothing", async () => {
  serve(() => refused(409, "conflict", "It is declared by a file"));
  adding();
  type(/^Tenant/, "acme");
  fireEvent.click(button("Preview"));
  await settle();
  expect(screen.getByRole("alert").textContent).toContain("It is declared by a file");
  expect(button("Add").disabled).toBe(true);
  expect(done).toEqual([]);
});
