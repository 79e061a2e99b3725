import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { buildRecord } from "../catalogue/build-record.ts";
import type { ToolDefinition } from "../catalogue/record.ts";
import type { ServerFacts } from "../catalogue/server-record.ts";
import type { CatalogueEntry, CatalogueQuery } from "./catalogue-store.ts";
import { openSqliteCatalogue, type SqliteCatalogue } from "./sqlite-catalogue.ts";

const folder = mkdtempSync(join(tmpdir(), "callgate-catalogue-"));
const open: SqliteCatalogue[] = [];
afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(folder, { recursive: true, force: true });
});

function catalogue(path = ":memory:"): SqliteCatalogue {
  const store = openSqliteCatalogue(path);
  open.push(store);
  return store;
}

function entry(
  name: string,
  tools: readonly ToolDefinition[],
  more: Partial<ServerFacts & CatalogueEntry> = {},
): CatalogueEntry {
  const { origin = "local", isExamined = true, ...facts } = more;
  const record = buildRecord(
    {
      name,
      packages: [{ registry: "npm", name: `@acme/${name}-mcp`, version: "1.2.3" }],
      remotes: [],
      transport: ["stdio"],
      identity: { level: "community", evidence: [] },
      auth: "unknown",
      source: "package",
      scannedAt: "2026-11-26T12:00:00.000Z",
      ...facts,
    },
    { about: undefined, tools, prompts: [], resources: [] },
    { digest: (text) => createHash("sha256").update(text).digest("hex") },
  );
  return { record, origin, isExamined };
}

const tool = (name: string, description = "", more: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name,
  description,
  inputSchema: { type: "object", properties: { id: { type: "string" } } },
  ...more,
});

const slugs = (store: SqliteCatalogue, query: Partial<CatalogueQuery>): readonly string[] =>
  store.searchServers({ limit: 50, ...query }).items.map(({ slug }) => slug);
const tools = (store: SqliteCatalogue, query: Partial<CatalogueQuery>): readonly string[] =>
  store.searchTools({ limit: 50, ...query }).items.map(({ name }) => name);

describe("search", () => {
  const notes = entry("notes", [tool("read_note"), tool("delete_note"), tool("reading_list")]);
  const mail = entry("mail", [tool("send_mail"), tool("read_mail")], {
    repository: "https://github.com/acme/post-office",
  });

  it("[R141] finds servers by any part of slug, name, package or repository, those called so first", () => {
    const store = catalogue();
    store.put([notes, mail, entry("my-notes", [])], 0);
    expect(slugs(store, { text: "otes" })).toEqual(["acme-notes-mcp", "acme-my-notes-mcp"]);
    expect(slugs(store, { text: "NOTES" })).toEqual(["acme-notes-mcp", "acme-my-notes-mcp"]);
    expect(slugs(store, { text: "@acme/mail" })).toEqual(["acme-post-office"]);
    expect(slugs(store, { text: "post-off" })).toEqual(["acme-post-office"]);
    expect(slugs(store, { text: "ma" })).toEqual(["acme-post-office"]);
    expect(slugs(store, { text: "acme notes my" })).toEqual(["acme-my-notes-mcp"]);
    expect(slugs(store, { text: "nothing" })).toEqual([]);
    expect(slugs(store, { category: "Destructive" })).toEqual(["acme-notes-mcp"]);
    expect(slugs(store, { risk: "Critical", text: "mail" })).toEqual([]);
  });

  it("finds tools by beginning, by part and by their server's names, with filters", () => {
    const store = catalogue();
    store.put([notes, mail], 0);
    expect(tools(store, { text: "read" })).toEqual(["read_mail", "read_note", "reading_list"]);
    expect(tools(store, { text: "re" })).toEqual(["read_mail", "read_note", "reading_list"]);
    expect(tools(store, { text: "_note" })).toEqual(expect.arrayContaining(["read_note", "delete_note"]));
    expect(tools(store, { text: "mail" })).toHaveLength(2);
    expect(tools(store, { text: "office read" })).toEqual(["read_mail"]);
    expect(tools(store, { text: "note", category: "Destructive" })).toEqual(["delete_note"]);
    expect(tools(store, { text: "note", risk: "Critical" })).toEqual(["delete_note"]);
    expect(tools(store, { category: "Destructive", risk: "Low" })).toEqual([]);
    expect(tools(store, { risk: "Low" })).toEqual(["read_mail", "read_note", "reading_list"]);
  });

  it("takes every sign of a search as a sign", () => {
    const store = catalogue();
    store.put([notes], 0);
    for (const text of ['"', 'note" OR "x', "words:note", "note*", "-read", "NEAR(note)", "%", "\u0000xabc"]) {
      expect(tools(store, { text }), text).toEqual([]);
      expect(slugs(store, { text }), text).toEqual([]);
    }
  });

  it.each([1, 2, 3])("goes through all pages once, %i at a time", (limit) => {
    const store = catalogue();
    store.put([notes, mail, entry("notebook", [tool("read_page"), tool("note_page")])], 0);
    const collect = (text: string): readonly string[] => {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = store.searchTools({ text, limit, ...(cursor === undefined ? {} : { cursor }) });
        found.push(...page.items.map(({ server, name }) => `${server} ${name}`));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return found;
    };
    for (const text of ["note", "", "read", "no"]) {
      const all = store.searchTools({ text, limit: 100 }).items.map(({ server, name }) => `${server} ${name}`);
      expect(collect(text)).toEqual(all);
      expect(new Set(all).size).toBe(all.length);
    }
    expect(() => store.searchTools({ limit, cursor: "x" })).toThrow(expect.objectContaining({ code: "INPUT_INVALID" }));
  });
});

describe("a server", () => {
  it("is found by slug, package with and without version, and name", () => {
    const store = catalogue();
    store.put([entry("notes", [tool("read_note")])], 0);
    for (const name of [
      "acme-notes-mcp",
      "@acme/notes-mcp",
      "@acme/notes-mcp@1.2.3",
      "@acme/notes-mcp@9.9.9",
      "Notes",
    ]) {
      expect(store.findServer(name)?.record.slug, name).toBe("acme-notes-mcp");
    }
    expect(store.findServer("other")).toBeUndefined();
  });

  it("gives back the record that was put, and no grade for one whose tools nobody saw", () => {
    const store = catalogue();
    const seen = entry("notes", [tool("read_note"), tool("delete_note")]);
    store.put([seen, entry("listed", [], { isExamined: false })], 0);
    expect(store.server("acme-notes-mcp")).toEqual(seen);
    expect(store.searchServers({ limit: 9 }).items.map(({ name, grade }) => [name, grade])).toEqual([
      ["listed", undefined],
      ["notes", seen.record.grade.letter],
    ]);
    expect(store.counts()).toMatchObject({ servers: 2, tools: 2, categories: { Read: 1, Destructive: 1 } });
  });

  it("keeps a record of one's own when bundled facts come, and a seen one when it is only listed", () => {
    const store = catalogue();
    store.put([entry("notes", [tool("read_note")])], 0);
    const same = [{ slug: "acme-notes-mcp", outcome: "same", changes: [], seenAt: "2026-11-26T12:00:00.000Z" }];
    expect(store.put([entry("notes", [], { origin: "bundled" })], 0)).toEqual(same);
    expect(store.put([entry("notes", [], { isExamined: false })], 0)).toEqual(same);
    expect(store.server("acme-notes-mcp")?.record.tools).toHaveLength(1);
  });
});

describe("what is told of one server from several sides", () => {
  const package_ = (name: string) => ({ registry: "npm", name });
  const bundled = entry("notes", [tool("read_note")], {
    origin: "bundled",
    auth: "open",
    identity: { level: "official", evidence: ["the scope is Acme's"] },
    repository: "https://github.com/acme/notes",
  });
  const listed = (more: Partial<ServerFacts> = {}) =>
    entry("mine", [], { isExamined: false, packages: [package_("@acme/notes-mcp")], source: "docs", ...more });
  const scan = (more: Partial<ServerFacts> = {}) =>
    entry("mine", [tool("read_note")], {
      packages: [package_("@acme/notes-mcp")],
      source: "live",
      identity: { level: "unknown", evidence: [] },
      ...more,
    });

  it("keeps a server known, its publisher and access too, that is listed or looked at under its package", () => {
    const store = catalogue();
    store.put([bundled], 0);
    for (const told of [listed(), scan({ scannedAt: "2026-11-27T12:00:00.000Z" })]) {
      expect(store.put([told], 0)).toMatchObject([{ slug: "acme-notes", changes: [] }]);
      for (const name of ["@acme/notes-mcp", "@acme/notes-mcp@1.2.3", "acme-notes"]) {
        const { record, isExamined } = store.findServer(name) ?? expect.unreachable(name);
        expect([record.slug, isExamined, record.identity.level, record.posture.auth]).toEqual([
          "acme-notes",
          true,
          "official",
          "open",
        ]);
      }
    }
    expect(store.server("acme-notes")?.origin).toBe("local");
    expect(store.counts().servers).toBe(1);
  });

  it("takes the look at a server that was only listed, whoever came first", () => {
    const store = catalogue();
    store.put([listed(), bundled], 0);
    expect(store.findServer("@acme/notes-mcp")).toMatchObject({ isExamined: true, record: { name: "notes" } });
    expect(store.counts().servers).toBe(1);
  });

  it("prefers a server whose tools were seen to one that shares its name and is listed", () => {
    const store = catalogue();
    store.put([entry("notes", [tool("read_note")]), listed({ name: "notes", packages: [package_("other")] })], 0);
    expect(store.findServer("notes")?.isExamined).toBe(true);
  });

  it("adds an address and a repository to what is known, and answers for the program that was looked at alone", () => {
    const store = catalogue();
    store.put([scan()], 0);
    const told = entry("notes", [], {
      isExamined: false,
      registryName: "io.github.acme/notes",
      packages: [package_("@acme/notes-mcp"), package_("evil-mcp")],
      remotes: ["https://evil.example/mcp"],
      repository: "https://github.com/acme/notes",
      source: "registry",
    });
    expect(store.put([told], 0)).toMatchObject([{ slug: "acme-notes-mcp", outcome: "changed" }]);
    expect(store.findServer("@acme/notes-mcp")).toMatchObject({
      isExamined: true,
      record: { repository: "https://github.com/acme/notes", remotes: ["https://evil.example/mcp"] },
    });
    for (const name of ["evil-mcp", "https://evil.example/mcp", "npm:evil-mcp"])
      expect([store.findServer(name), store.serverOf(name)], name).toEqual([undefined, undefined]);
    expect(store.put([told], 0)).toMatchObject([{ outcome: "same" }]);
    const other = scan({ packages: [package_("evil-mcp")] });
    expect(store.put([other], 0)).toMatchObject([{ slug: "evil-mcp", outcome: "added" }]);
  });

  it("takes another registry name that makes the slug of one for another server", () => {
    const store = catalogue();
    const told = (registryName: string, name: string) =>
      entry(name, [], { registryName, packages: [package_(name)], source: "registry", isExamined: false });
    store.put([told("io.github.brave/brave-notes", "brave-mcp")], 0);
    const [taken] = store.put([told("io.github.brave-brave/notes", "evil-mcp")], 0);
    expect(taken).toMatchObject({
      outcome: "added",
      slug: expect.stringMatching(/^io-github-brave-brave-notes-[0-9a-f]{8}$/),
    });
    expect(store.server("io-github-brave-brave-notes")?.record.packages).toEqual([package_("brave-mcp")]);
  });

  it("takes a package whose name makes the slug of another for another server", () => {
    const store = catalogue();
    store.put([scan({ packages: [package_("@acme/notes")] })], 0);
    const [taken] = store.put([scan({ packages: [package_("acme-notes")], name: "other" })], 0);
    expect(taken).toMatchObject({ outcome: "added", slug: expect.stringMatching(/^acme-notes-[0-9a-f]{8}$/) });
    expect(store.findServer("acme-notes")?.record.name).toBe("other");
    expect(store.findServer("@acme/notes")?.record.name).toBe("mine");
  });

  it("keeps commands of one name apart, and finds none by what a client calls it", () => {
    const store = catalogue();
    const command = (letter: string) => scan({ name: "index", packages: [], commandSha256: letter.repeat(64) });
    const [first, second] = store.put([command("a"), command("b")], 0);
    expect([first?.slug, second?.slug]).toEqual(["index-aaaaaaaa", "index-bbbbbbbb"]);
    expect(store.changes({ after: 0, limit: 10 })).toEqual([]);
    expect(store.findServer("index")).toBeUndefined();
    expect(store.serverOf(`command:${"b".repeat(64)}`)?.record.slug).toBe("index-bbbbbbbb");
    expect(slugs(store, { text: "index" })).toEqual(["index-aaaaaaaa", "index-bbbbbbbb"]);
  });

  it("notes another repository, package or address that the same list tells now", () => {
    const store = catalogue();
    const told = (more: Partial<ServerFacts>) =>
      entry("notes", [tool("read_note")], { registryName: "io.github.acme/notes", source: "registry", ...more });
    store.put([told({ repository: "https://github.com/acme/notes", packages: [package_("@acme/notes")] })], 0);
    store.put([told({ repository: "https://github.com/evil/notes", packages: [package_("@evil/notes")] })], 0);
    expect(store.changes({ after: 0, limit: 10 })).toMatchObject([
      {
        kind: "identity_changed",
        severity: "high",
        from: "https://github.com/acme/notes",
        to: "https://github.com/evil/notes",
      },
      { kind: "identity_changed", severity: "high", from: "npm:@acme/notes", to: "npm:@evil/notes" },
    ]);
    expect(store.findServer("@acme/notes")).toBeUndefined();
  });

  it("leaves tools that were seen in the place of those that a registry tells", () => {
    const store = catalogue();
    store.put([bundled], 0);
    store.put([entry("notes", [tool("wipe_notes")], { source: "registry" })], 0);
    expect(store.server("acme-notes")?.record.tools.map(({ name }) => name)).toEqual(["read_note"]);
  });
});

describe("a local correction", () => {
  it("[R144] changes category, risk, policy, counts and searches, with note and author, until it is taken back", () => {
    const store = catalogue();
    store.put([entry("notes", [tool("read_note"), tool("list_notes")])], 0);
    const override = { category: "Destructive", note: "empties the list, we saw it", by: "ada" } as const;
    store.override("acme-notes-mcp", "read_note", override, 0);
    const corrected = store.server("acme-notes-mcp")?.record;
    expect(corrected?.tools[0]).toMatchObject({
      name: "read_note",
      category: "Destructive",
      risk: "Critical",
      override: expect.objectContaining(override),
      recommended: { version: "1", default: "deny", hide: ["read_note"] },
    });
    expect(corrected?.tools[0]?.confidence).toBeGreaterThan(0);
    expect(corrected?.tools[0]?.reason).toContain("Read");
    expect(corrected?.counts).toMatchObject({ Read: 1, Destructive: 1 });
    expect(tools(store, { category: "Destructive" })).toEqual(["read_note"]);
    expect(store.counts().categories.Destructive).toBe(1);

    store.put([entry("notes", [tool("read_note", "Reads it."), tool("list_notes")])], 1);
    expect(store.server("acme-notes-mcp")?.record.tools[0]?.override).toMatchObject(override);

    expect(store.removeOverride("acme-notes-mcp", "read_note")).toBe(true);
    expect(store.removeOverride("acme-notes-mcp", "read_note")).toBe(false);
    expect(store.server("acme-notes-mcp")?.record.counts).toMatchObject({ Read: 2, Destructive: 0 });
    expect(tools(store, { category: "Destructive" })).toEqual([]);
  });

  it("that calls a tool harmless is of that definition alone, and says when it counts no more", () => {
    const store = catalogue();
    store.put([entry("notes", [tool("sync_notes")])], 0);
    const override = { category: "Read", note: "it only looks", by: "ada" } as const;
    store.override("acme-notes-mcp", "sync_notes", override, 0);
    expect(store.server("acme-notes-mcp")?.record.tools[0]).toMatchObject({ category: "Read", override });

    store.put([entry("notes", [tool("sync_notes", "Deletes every note.")])], 1);
    const found = store.server("acme-notes-mcp")?.record.tools[0];
    expect(found).toMatchObject({ category: "Destructive", lapsed: override });
    expect(found?.override).toBeUndefined();
    expect(tools(store, { category: "Destructive" })).toEqual(["sync_notes"]);
  });

  it("is refused for a tool that is not known", () => {
    const store = catalogue();
    const correct = (): void => store.override("x", "y", { category: "Read", note: "", by: "ada" }, 0);
    expect(correct).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  });
});

describe("the change feed", () => {
  it("[R145] lists what a second look found, in order, after a cursor and from a severity on", () => {
    const store = catalogue();
    const read = tool("read_note", "Returns a note.", { annotations: { readOnlyHint: true } });
    store.put([entry("notes", [read, tool("wipe_notes"), tool("find_note", "Finds.")])], Date.UTC(2026, 0, 1));
    expect(store.changes({ after: 0, limit: 10 })).toEqual([]);
    store.put(
      [
        entry("notes", [tool("read_note", "Returns one note."), tool("search_notes", "Finds."), tool("pay_invoice")], {
          identity: { level: "unknown", evidence: [] },
          auth: "open",
        }),
      ],
      Date.UTC(2026, 0, 2),
    );
    const all = store.changes({ after: 0, limit: 10 });
    expect(all.map(({ kind, severity, tool: name }) => [kind, severity, name])).toEqual([
      ["tool_added", "high", "pay_invoice"],
      ["tool_removed", "low", "wipe_notes"],
      ["tool_renamed", "medium", "search_notes"],
      ["description_changed", "medium", "read_note"],
      ["annotations_changed", "low", "read_note"],
      ["identity_changed", "high", undefined],
      ["auth_changed", "medium", undefined],
    ]);
    expect(all[5]).toMatchObject({
      at: "2026-01-02T00:00:00.000Z",
      server: "acme-notes-mcp",
      from: "community",
      to: "unknown",
    });
    expect(store.changes({ after: all[2]?.sequence ?? 0, limit: 2 })).toEqual(all.slice(3, 5));
    expect(store.changes({ after: 0, severity: "high", limit: 10 })).toEqual([all[0], all[5]]);
    expect(JSON.stringify(all)).not.toContain("Returns one note");
  });
});

describe("the file", () => {
  it("[R148] remembers an unknown server that was asked for until it is known", () => {
    const store = catalogue();
    store.enqueue("notes", Date.UTC(2026, 0, 1));
    store.enqueue("notes", Date.UTC(2026, 0, 2));
    expect(store.queued()).toEqual([{ name: "notes", firstAskedAt: "2026-01-01T00:00:00.000Z", times: 2 }]);
    store.put([entry("notes", [])], 0);
    expect(store.queued()).toEqual([]);
  });

  it("outlives its process, is closed to others, and is shared", () => {
    const path = join(folder, "deep", "catalogue.sqlite");
    const first = catalogue(path);
    first.put([entry("notes", [tool("read_note")])], 0);
    const second = catalogue(path);
    expect(second.counts().tools).toBe(1);
    first.put([entry("mail", [tool("read_mail")])], 0);
    expect(second.counts().tools).toBe(2);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it("of the first version is brought up to date, without looks at nobody knows what", () => {
    const path = join(mkdtempSync(join(tmpdir(), "callgate-catalogue-")), "old.sqlite");
    const store = openSqliteCatalogue(path);
    const command = { packages: [], source: "live", commandSha256: "a".repeat(64) } as const;
    store.put([entry("notes", [tool("read_note")]), entry("index", [tool("x")], command)], 0);
    store.close();
    const db = new DatabaseSync(path);
    db.exec(
      "DELETE FROM server_names WHERE name LIKE '%:%'; ALTER TABLE overrides DROP COLUMN definition; PRAGMA user_version = 1",
    );
    db.close();
    const later = catalogue(path);
    expect(later.serverOf("npm:@acme/notes-mcp")?.record.name).toBe("notes");
    expect(later.counts()).toMatchObject({ servers: 1, tools: 1 });
    expect(tools(later, {})).toEqual(["read_note"]);
    later.put([entry("mail", [tool("read_mail")])], 0);
    rmSync(join(path, ".."), { recursive: true });
  });

  it("is refused when it is damaged or another program's", () => {
    const path = join(mkdtempSync(join(tmpdir(), "callgate-catalogue-")), "other.sqlite");
    writeFileSync(path, "no database, but a text that is long enough to have a header of its own".repeat(20));
    expect(() => catalogue(path)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
    rmSync(join(path, ".."), { recursive: true });
  });
});
