import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  cleanup();
  vi.resetModules();
  document.getElementById("boot")?.remove();
});

/** The page, with what the server wrote into it. */
async function shown(boot: object): Promise<void> {
  const script = document.createElement("script");
  script.type = "application/json";
  script.id = "boot";
  script.textContent = JSON.stringify(boot);
  document.head.append(script);
  vi.resetModules();
  const { LoginPage } = await import("./LoginPage");
  render(<LoginPage />);
}

test("a link that did not log in says why, above the login", async () => {
  await shown({ notice: "The link was used already.", ways: ["link"] });
  expect(screen.getByText("The link was used already.")).toBeTruthy();
  expect(screen.getByLabelText("Token")).toBeTruthy();
  expect(screen.queryByText("Name and password")).toBeNull();
});

test("with passwords alone no token is asked for, and no link is spoken of", async () => {
  await shown({ ways: ["basic"] });
  expect(screen.getByLabelText("Password")).toBeTruthy();
  expect(screen.queryByLabelText("Token")).toBeNull();
  expect(screen.queryByText(/prints a link/)).toBeNull();
});

test("where a proxy says who one is, nothing is asked for that would lead nowhere", async () => {
  await shown({ ways: ["header"] });
  expect(screen.getByText(/Log in there/)).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Log in" })).toBeNull();
});
