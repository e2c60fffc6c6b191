/** How often the pages read again, "Refresh now", and the pause that really stops. */

import { choosePace, PACES, pulse, usePace } from "../live";
import { Button, Select } from "../ui";
import { RefreshIcon } from "../ui/icons";

export function paceWord(pace: number): string {
  return pace === 0 ? "paused" : `${pace} s`;
}

export function PaceMenu() {
  const pace = usePace();
  const paces = PACES.includes(pace) ? PACES : [pace, ...PACES];
  return (
    <>
      <Button
        kind="quiet"
        onClick={() => pulse.beat()}
        aria-label="Refresh now (key r)"
        title="Refresh now"
      >
        <RefreshIcon />
      </Button>
      <Select
        aria-label="Read again every"
        value={String(pace)}
        options={paces.map((each) => [String(each), paceWord(each)] as const)}
        onChange={(event) => choosePace(Number(event.target.value))}
      />
    </>
  );
}
