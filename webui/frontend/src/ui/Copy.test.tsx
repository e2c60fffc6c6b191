import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { CopyButton, copyText } from "./Copy";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** A browser without a clipboard, as over plain HTTP; *works*: whether its old way does. */
function withoutClipboard(works: boolean): string[] {
  const copied: string[] = [];
  vi.stubGlobal("navigator", {});
  document.execCommand = () => {
    copied.push(document.querySelector("textarea")?.value ?? "");
    return works;
  };
  return copied;
}

test("what is copied goes to the clipboard", async () => {
  const written: string[] = [];
  const clipboard = { writeText: async (text: string) => void written.push(text) };
  vi.stubGlobal("navigator", { clipboard });
  expect(await copyText("SELECT 1")).toBe(true);
  expect(written).toEqual(["SELECT 1"]);
});

test("without a clipboard the text is copied by selecting it, and nothing stays behind", async () => {
  const copied = withoutClipboard(true);
  render(<CopyButton text="SELECT 1" />);
  fireEvent.click(screen.getByText("Copy"));
  expect(await screen.findByText("Copied")).toBeTruthy();
  expect(copied).toEqual(["SELECT 1"]);
  expect(document.querySelector("textarea")).toBeNull();
});

test("where nothing can be copied the button says so, and what to do", async () => {
  withoutClipboard(false);
  render(<CopyButton text="SELECT 1" />);
  fireEvent.click(screen.getByText("Copy"));
  expect(await screen.findByText("Not copied: select it by hand")).toBeTruthy();
});

test("a clipboard that refuses is as good as none", async () => {
  const copied = withoutClipboard(true);
  vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("no")) } });
  expect(await copyText("x")).toBe(true);
  expect(copied).toEqual(["x"]);
});
