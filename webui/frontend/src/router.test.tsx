import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Link, navigate, usePlace, useQueryValue } from "./router";

function Shown() {
  const { path } = usePlace();
  const [q, setQ] = useQueryValue("q");
  return (
    <>
      <p>{`${path} q=${q}`}</p>
      <Link to="/runs">Runs</Link>
      <input aria-label="q" value={q ?? ""} onChange={(event) => setQ(event.target.value)} />
    </>
  );
}

beforeEach(() => navigate("/", { replace: true }));
afterEach(cleanup);

test("a link changes the view without a reload", () => {
  render(<Shown />);
  fireEvent.click(screen.getByText("Runs"));
  expect(screen.getByText("/runs q=null")).toBeTruthy();
  expect(window.location.pathname).toBe("/runs");
});

test("a click with Ctrl is left to the browser", () => {
  render(<Shown />);
  const link = screen.getByText("Runs");
  link.addEventListener("click", (event) => event.preventDefault());
  fireEvent.click(link, { ctrlKey: true });
  expect(window.location.pathname).toBe("/");
});

test("the database stays in the address from view to view", () => {
  navigate("/?database=eu", { replace: true });
  render(<Shown />);
  fireEvent.click(screen.getByText("Runs"));
  expect(window.location.search).toBe("?database=eu");
});

test("typing into a filter makes no history", () => {
  render(<Shown />);
  const before = window.history.length;
  fireEvent.change(screen.getByLabelText("q"), { target: { value: "ev" } });
  fireEvent.change(screen.getByLabelText("q"), { target: { value: "events" } });
  expect(screen.getByText("/ q=events")).toBeTruthy();
  expect(window.history.length).toBe(before);
});

test("going back shows the view from before", () => {
  render(<Shown />);
  act(() => navigate("/bin"));
  expect(screen.getByText("/bin q=null")).toBeTruthy();
  act(() => {
    window.history.replaceState(null, "", "/");
    window.dispatchEvent(new PopStateEvent("popstate"));
  });
  expect(screen.getByText("/ q=null")).toBeTruthy();
});
