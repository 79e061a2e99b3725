import { askServer, toolView } from "../../catalogue-store/views.ts";
import type { ServerHit } from "../../catalogue-store/catalogue-store.ts";
import { notFound } from "../../control/control-context.ts";
import type { BindOperation } from "../bind-operation.ts";
import * as contract from "../contract/catalogue.ts";
import type { Page } from "../contract/common.ts";
import type { WebParts } from "../web-parts.ts";

/** What is known of servers, tools and attacks. */
export function bindCatalogue(bind: BindOperation, { catalogue, clock }: WebParts): void {
  bind(contract.searchCatalogueServers, ({ query }) => ({
    answer: pageOf(catalogue().store.searchServers(searched(query)), serverOf),
  }));
  bind(contract.searchCatalogueTools, ({ query }) => ({
    answer: pageOf(catalogue().store.searchTools(searched(query)), (tool) => tool),
  }));
  bind(contract.getCatalogueServer, ({ params: { slug } }) => ({
    answer: { ...askServer(catalogue(), slug, clock.wallMs()) },
  }));
  bind(contract.getCatalogueTool, ({ params: { slug, tool } }) => {
    const view = toolView(catalogue(), slug, tool);
    if (view === undefined) throw notFound("tool", tool);
    return { answer: { ...view } };
  });
  bind(contract.getCataloguePolicy, ({ params: { slug }, query: { preset } }) => {
    const view = askServer(catalogue(), slug, clock.wallMs());
    if (view.status !== "known") throw notFound("server", slug);
    return { answer: { server: view.slug, preset, ...view.policies[preset] } };
  });
  bind(contract.listCatalogueChanges, ({ query }) => {
    const items = catalogue().store.changes(query);
    return { answer: { items: items.map((change) => ({ ...change })), after: items.at(-1)?.sequence ?? query.after } };
  });
  bind(contract.listCatalogueQueue, () => ({ answer: { items: catalogue().store.queued() } }));
  bind(contract.listCatalogueAttacks, () => {
    const { attacks, withoutEntry } = catalogue();
    const { stoppedByGateway, outOfReach } = withoutEntry();
    return {
      answer: {
        items: attacks().map(({ slug, name, category, coverage, abuses }) => ({
          slug,
          name,
          category,
          coverage,
          abuses,
        })),
        stoppedByGateway: stoppedByGateway.map(({ slug, name, how }) => ({ slug, name, how })),
        outOfReach: outOfReach.map(({ slug, name, reason }) => ({ slug, name, reason })),
      },
    };
  });
}

function searched({ query, ...rest }: contract.CatalogueSearch) {
  return query === undefined ? rest : { ...rest, text: query };
}

function pageOf<Hit, Shown>(
  { items, nextCursor }: { readonly items: readonly Hit[]; readonly nextCursor?: string },
  show: (hit: Hit) => Shown,
): Page<Shown> {
  return { items: items.map(show), nextCursor: nextCursor ?? null };
}

function serverOf({ grade, ...hit }: ServerHit): contract.CatalogueServer {
  return { ...hit, grade: grade ?? null };
}
