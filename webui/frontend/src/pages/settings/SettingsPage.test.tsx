import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Answer, refused, type Sent, serve, settle } from "../../../tests/served";
import type { JsonObject, SettingsPreview } from "../../types";
import SettingsPage from "./SettingsPage";

const SCHEMA = {
  type: "object",
  properties: {
    partition_interval: { type: "string", description: "How wide a partition is." },
    retention_period: { type: "string", description: "What ended longer ago goes." },
  },
  required: ["partition_interval"],
};
const OLD = { partition_interval: "1 day", retention_period: "30 days" };

const shown = (settings: JsonObject, etag: string): Answer => ({
  etag,
  body: {
    table: "public.events",
    origin: "api",
    editable: true,
    why_not: null,
    settings,
    schema: SCHEMA,
  },
});

const previewed = (more: Partial<SettingsPreview> = {}): Answer => ({
  body: { mistakes: [], changes: [], retires_more: null, plan: null, ...more },
});

const retention = () => screen.getByLabelText(/retention.period/i) as HTMLInputElement;
const save = () => screen.getByText("Save settings") as HTMLButtonElement;

async function edited(answer: (asked: Sent) => Answer | null): Promise<Sent[]> {
  const sent = serve(answer);
  render(<SettingsPage id="public.events" />);
  await settle();
  expect(save().disabled).toBe(true);
  fireEvent.change(retention(), { target: { value: "14 days" } });
  await settle();
  await settle();
  return sent;
}

const saves = (sent: readonly Sent[]) => sent.filter(({ method }) => method === "PUT");

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("settings are saved whole, with the version that was read", async () => {
  const sent = await edited(({ method, path, body }) => {
    if (path.endsWith("/preview")) return previewed();
    if (method === "PUT") return shown((body as { settings: JsonObject }).settings, '"two"');
    return shown(OLD, '"one"');
  });
  fireEvent.click(save());
  await settle();
  expect(saves(sent)).toMatchObject([
    {
      ifMatch: '"one"',
      body: { settings: { ...OLD, retention_period: "14 days" }, confirm: null },
    },
  ]);
  expect(screen.getByText(/Saved/)).toBeTruthy();
});

test("settings that somebody else changed are not overwritten, and nothing typed is lost", async () => {
  let changed = false;
  const sent = await edited(({ method, path, body, ifMatch }) => {
    if (path.endsWith("/preview")) return previewed();
    if (method === "GET") {
      return changed
        ? shown({ ...OLD, partition_interval: "1 week" }, '"two"')
        : shown(OLD, '"one"');
    }
    if (ifMatch === '"two"') return shown((body as { settings: JsonObject }).settings, '"three"');
    changed = true;
    return refused(412, "settings-changed", "The settings were changed meanwhile");
  });
  fireEvent.click(save());
  await settle();
  expect(screen.getByRole("alert").textContent).toContain("The settings were changed meanwhile");
  expect(retention().value).toBe("14 days");
  fireEvent.click(screen.getByText(/Read them again/));
  await settle();
  await settle();
  expect(retention().value).toBe("14 days");
  fireEvent.click(save());
  await settle();
  expect(saves(sent)[1]).toMatchObject({
    ifMatch: '"two"',
    body: { settings: { partition_interval: "1 week", retention_period: "14 days" } },
  });
});

test("what retires more is saved only once the table's name is typed", async () => {
  const sent = await edited(({ method, path, body }) => {
    if (path.endsWith("/preview")) return previewed({ retires_more: "retention is shorter" });
    if (method === "PUT") return shown((body as { settings: JsonObject }).settings, '"two"');
    return shown(OLD, '"one"');
  });
  expect(save().disabled).toBe(true);
  const agree = screen.getByLabelText(/More is retired than before/);
  fireEvent.change(agree, { target: { value: "public.event" } });
  expect(save().disabled).toBe(true);
  fireEvent.change(agree, { target: { value: "public.events" } });
  fireEvent.click(save());
  await settle();
  expect(saves(sent)).toMatchObject([{ body: { confirm: "public.events" } }]);
});

test("a mistake that the server finds stands in the way of saving", async () => {
  const mistake = { pointer: "/retention_period", text: "is no length of time", hint: null };
  await edited(({ path }) =>
    path.endsWith("/preview") ? previewed({ mistakes: [mistake] }) : shown(OLD, '"one"'),
  );
  expect(screen.getByText(/is no length of time/)).toBeTruthy();
  expect(save().disabled).toBe(true);
});
