import { cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { type Column, Grid } from "./Grid";
import { ROW } from "./window";

const ROWS = Array.from({ length: 1000 }, (_, index) => `p${index}`);
const COLUMNS: Column<string>[] = [{ key: "name", head: "Name", width: 100, cell: (row) => row }];

afterEach(cleanup);

function shown(picked: string[] = []): HTMLElement {
  render(
    <Grid
      label="Partitions"
      columns={COLUMNS}
      rows={ROWS}
      keyOf={(row) => row}
      sort={{ column: "name", down: false }}
      onSort={() => undefined}
      selected="p2"
      onSelect={(row) => picked.push(row)}
      onOpen={() => undefined}
    />,
  );
  return screen.getByRole("grid");
}

function scroll(grid: HTMLElement, row: number): void {
  grid.scrollTop = row * ROW;
  fireEvent.scroll(grid);
}

test("what is scrolled to is drawn at once, in the place of what went out of sight", () => {
  const grid = shown();
  const before = within(grid).getAllByRole("row");
  scroll(grid, 500);
  expect(within(grid).getByText("p500")).toBeTruthy();
  expect(within(grid).queryByText("p0")).toBeNull();
  expect(new Set(within(grid).getAllByRole("row"))).toEqual(new Set(before));
});

test("every row says which one it is, also after scrolling", () => {
  const grid = shown();
  scroll(grid, 500);
  const row = within(grid).getByText("p507").closest<HTMLElement>("[role=row]")!;
  expect(row.getAttribute("aria-rowindex")).toBe("509");
  expect(row.style.top).toBe(`${507 * ROW}px`);
});

test("a click chooses the row that is seen there", () => {
  const picked: string[] = [];
  const grid = shown(picked);
  scroll(grid, 500);
  fireEvent.click(within(grid).getByText("p507"));
  expect(picked).toEqual(["p507"]);
});

test("a selected row that is out of sight is named to nobody", () => {
  const grid = shown();
  expect(grid.getAttribute("aria-activedescendant")).not.toBeNull();
  scroll(grid, 500);
  expect(grid.getAttribute("aria-activedescendant")).toBeNull();
});
