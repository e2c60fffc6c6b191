/** The header: where one is, where one can go, how live it is, and who is logged in. */

import { database } from "../api";
import { boot } from "../boot";
import { usePace } from "../live";
import { useResource } from "../resource";
import { Link, setQuery, usePlace } from "../router";
import { nextTheme, useTheme } from "../theme";
import type { Databases, Me } from "../types";
import { Button, Select } from "../ui";
import { HalfIcon, MoonIcon, SearchIcon, SunIcon } from "../ui/icons";
import { LogOut, leavable } from "./LogOut";
import { PaceMenu } from "./PaceMenu";

const PLACES = [
  ["/", "Tables"],
  ["/runs", "Runs"],
  ["/bin", "Bin"],
  ["/actions", "Actions"],
  ["/plugins", "Plugins"],
  ["/about", "About"],
] as const;

export interface HeaderProps {
  me: Me | null;
  onJump: () => void;
  onHelp: () => void;
}

export function Header({ me, onJump, onHelp }: HeaderProps) {
  return (
    <header className="no-print border-b border-line bg-surface">
      <div className="mx-auto flex max-w-[88rem] flex-wrap items-center gap-x-3 px-3 sm:px-6">
        <div className="flex h-12 min-w-0 flex-1 items-center gap-3">
          <Link
            to="/"
            className={`target font-semibold text-ink no-underline ${me ? "max-sm:hidden" : ""}`}
          >
            Partitions
          </Link>
          {me ? (
            <DatabaseMenu me={me} />
          ) : (
            <span className="truncate text-sm text-soft">{database() ?? boot.database}</span>
          )}
        </div>
        <div className="flex h-12 shrink-0 items-center sm:gap-1">
          {me && (
            <Button kind="quiet" onClick={onJump} aria-label="Jump to a table, run or page (key /)">
              <SearchIcon />
              <span className="hidden lg:inline">Jump</span>
              <kbd className="hidden rounded border border-edge px-1 text-xs text-soft lg:inline">
                /
              </kbd>
            </Button>
          )}
          {me && <PaceMenu />}
          <ThemeButton />
          <span className="hidden sm:inline">
            <Button kind="quiet" onClick={onHelp} aria-label="Keys (key ?)">
              ?
            </Button>
          </span>
          {me && <Login me={me} />}
        </div>
        {me && <Places />}
      </div>
    </header>
  );
}

function Places() {
  const { path } = usePlace();
  const paused = usePace() === 0;
  return (
    <nav aria-label="Pages" className="-mx-1 flex w-full items-center overflow-x-auto">
      {PLACES.map(([to, text]) => {
        const here = to === "/" ? path === "/" || path.startsWith("/tables/") : path.startsWith(to);
        return (
          <Link
            key={to}
            to={to}
            aria-current={here ? "page" : undefined}
            className={`border-b-2 px-2 py-2 text-sm whitespace-nowrap no-underline sm:px-3 ${
              here
                ? "border-accent font-semibold text-ink"
                : "border-transparent text-soft hover:text-ink"
            }`}
          >
            {text}
          </Link>
        );
      })}
      {paused && (
        <span className="ml-auto hidden pl-3 text-xs font-semibold whitespace-nowrap text-warn sm:inline">
          <span aria-hidden="true">❚❚ </span>paused: nothing is read by itself
        </span>
      )}
    </nav>
  );
}

function DatabaseMenu({ me }: { me: Me }) {
  const { data } = useResource<Databases>("databases", {}, { live: false });
  if (data === null || data.items.length < 2) {
    const label = data?.items[0]?.label ?? me.database;
    return (
      <span className="truncate text-sm text-soft" title={me.server ?? undefined}>
        {label}
      </span>
    );
  }
  return (
    <Select
      aria-label="Database"
      value={me.database}
      options={data.items.map(({ name, label, reachable }) => [
        name,
        reachable ? label : `${label} (not reachable)`,
      ])}
      onChange={(event) => {
        setQuery({ database: event.target.value }, { replace: false });
        window.location.reload();
      }}
      className="max-w-40"
    />
  );
}

const THEMES = {
  system: ["as the system", HalfIcon],
  light: ["light", SunIcon],
  dark: ["dark", MoonIcon],
} as const;

function ThemeButton() {
  const theme = useTheme();
  const [word, Icon] = THEMES[theme];
  return (
    <Button
      kind="quiet"
      onClick={nextTheme}
      aria-label={`Colours: ${word}; change (key t)`}
      title={`Colours: ${word}`}
    >
      <Icon />
    </Button>
  );
}

function Login({ me }: { me: Me }) {
  const reads = !me.can.includes("apply");
  return (
    <span className="flex items-center gap-2 pl-1 text-sm">
      <Link
        to="/about"
        title="What this login may do"
        className="flex min-h-8 items-center gap-1.5 text-ink no-underline hover:underline"
      >
        <span className="hidden max-w-40 truncate md:inline">{me.actor}</span>
        {reads && (
          <span className="chip rounded bg-raised px-1.5 py-0.5 text-xs font-semibold whitespace-nowrap text-soft">
            read only
          </span>
        )}
      </Link>
      {leavable(me) && (
        <span className="hidden sm:inline">
          <LogOut />
        </span>
      )}
    </span>
  );
}
