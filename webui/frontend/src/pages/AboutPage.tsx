/** About: version, server, and what this login may do, with the way to more. */

import { apiUrl } from "../api";
import { useMe } from "../me";
import { useResource } from "../resource";
import { LogOut, leavable } from "../shell/LogOut";
import { PageHead } from "../shell/PageHead";
import type { Ability, Databases } from "../types";
import { Badge, Code, Fact, Facts, Panel, Ready, Skeleton } from "../ui";

const ABILITIES: readonly (readonly [Ability, string])[] = [
  ["read", "see tables, partitions, runs and settings"],
  ["plan", "see what would be done"],
  ["apply", "create partitions, stop a run, attach from the bin, hold"],
  ["destructive", "detach, move and drop partitions; remove tenants"],
  ["settings", "change settings and tenants"],
];

export function AboutPage() {
  const me = useMe();
  const databases = useResource<Databases>("databases", {}, { live: false });
  if (me === null) return <Skeleton lines={4} />;
  const closed = ABILITIES.filter(([name]) => !me.can.includes(name)).map(([name]) => name);
  return (
    <>
      <PageHead title="About" actions={leavable(me) && <LogOut />} />
      <div className="flex flex-col gap-4">
        <Panel title="This server">
          <Facts>
            <Fact name="partman-webui">{me.version}</Fact>
            <Fact name="PostgreSQL">{me.server ?? "not known"}</Fact>
            <Fact name="Database">{me.database}</Fact>
            <Fact name="Logged in as">
              {me.actor} ({me.method})
            </Fact>
            <Fact name="Features">{me.features.join(", ") || "none beyond the usual"}</Fact>
          </Facts>
        </Panel>
        <Panel title="What this login may do">
          <ul className="flex flex-col gap-1.5 text-sm">
            {ABILITIES.map(([name, what]) => (
              <li key={name} className="grid gap-x-3 sm:grid-cols-[8rem_1fr]">
                <span>
                  {me.can.includes(name) ? (
                    <Badge tone="ok" glyph="✓">
                      {name}
                    </Badge>
                  ) : (
                    <Badge glyph="–">{name}</Badge>
                  )}
                </span>
                <span>
                  {what}
                  {!me.can.includes(name) && <span className="sr-only"> (not allowed)</span>}
                </span>
              </li>
            ))}
          </ul>
          {closed.length > 0 && (
            <div className="mt-3 flex flex-col gap-1 text-sm">
              <p className="text-soft">Whoever starts the pages opens more:</p>
              <Code text={`partman ui --allow ${closed.join(",")}`} />
            </div>
          )}
        </Panel>
        <Panel title="Databases">
          <Ready resource={databases} lines={1}>
            {(data) => (
              <ul className="flex flex-col gap-1 text-sm">
                {data.items.map((each) => (
                  <li key={each.name} className="flex flex-wrap items-center gap-3">
                    <Badge tone={each.reachable ? "ok" : "crit"} glyph={each.reachable ? "●" : "■"}>
                      {each.reachable ? "reachable" : "not reachable"}
                    </Badge>
                    <span className="font-medium">{each.label}</span>
                    {each.server && <span className="text-soft">{each.server}</span>}
                  </li>
                ))}
              </ul>
            )}
          </Ready>
        </Panel>
        <p className="text-sm">
          <a href={apiUrl("openapi.json")} className="target">
            The description of the HTTP API (OpenAPI)
          </a>
        </p>
      </div>
    </>
  );
}
