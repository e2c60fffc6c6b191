/** The plugins in the order in which they are asked, what they take part in, and which failed. */

import type { ReactNode } from "react";
import { counted } from "../format";
import { useResource } from "../resource";
import { PageHead } from "../shell/PageHead";
import type { PluginShown, Plugins } from "../types";
import { Badge, Empty, Notice, Ready } from "../ui";
import { Listing } from "./lists";

export function PluginsPage() {
  const plugins = useResource<Plugins>("plugins");
  return (
    <>
      <PageHead title="Plugins">In the order in which they are asked.</PageHead>
      <Ready resource={plugins}>{(data) => <Listed items={data.items} />}</Ready>
    </>
  );
}

function Listed({ items }: { items: readonly PluginShown[] }) {
  const broken = items.filter((plugin) => plugin.error !== null);
  if (items.length === 0) return <Empty title="No plugin is loaded." />;
  return (
    <div className="flex flex-col gap-3">
      {broken.length > 0 && (
        <Notice tone="crit" title={`${counted(broken.length, "plugin")} failed to load.`}>
          Until that is mended, partitions are created but none is detached, moved or dropped.
        </Notice>
      )}
      <Listing
        label="Plugins"
        heads={["Plugin", "State", "Version", "From", "Hooks"]}
        rows={items.map((plugin) => ({ key: plugin.name, cells: cells(plugin) }))}
      />
    </div>
  );
}

function cells(plugin: PluginShown): ReactNode[] {
  return [
    <span key="name" className="font-semibold">
      {plugin.name}
    </span>,
    <State key="state" error={plugin.error} />,
    plugin.version,
    plugin.source,
    <span key="hooks" className="font-mono text-xs leading-6 break-words">
      {plugin.hooks.join(", ") || "none"}
    </span>,
  ];
}

function State({ error }: { error: string | null }) {
  if (error === null) {
    return (
      <Badge tone="ok" glyph="●">
        on
      </Badge>
    );
  }
  return (
    <>
      <Badge tone="crit" glyph="■">
        failed
      </Badge>
      <p className="mt-1 max-w-prose text-crit">{error}</p>
    </>
  );
}
