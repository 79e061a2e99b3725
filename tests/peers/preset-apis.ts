import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../kit/messages.ts";
import { canaryText, type HostAnswer, startCanaryHost } from "./canary-host.ts";
import { ensurePackage, type PeerPackage } from "./packages.ts";
import type { Prepare, PresetServer, StrongestCall } from "./preset-server.ts";
import type { ToolCall } from "./servers.ts";
import { sealed, startVendor } from "./vendor.ts";

/** A server of somebody's API, and the API that we put in its place. */
interface ApiServer {
  readonly peer: PeerPackage;
  /** The hosts that the server asks, when their address cannot be set. */
  readonly hosts?: readonly string[];
  readonly args?: (origin: string) => readonly string[];
  /** `origin` is the API's, or that of the proxy which leads to `hosts`. */
  readonly env?: (origin: string, folder: string) => Readonly<Record<string, string>>;
  readonly answer?: HostAnswer;
  readonly read: ToolCall & { readonly answer?: string };
  /** `harm` is found in the request that the call makes, and in no other. */
  readonly strongest?: ToolCall &
    Pick<StrongestCall, "category"> & { readonly harmless?: JsonObject; readonly harm: RegExp };
}

/** Fits most. */
const anything: JsonObject = { ok: true, id: 1, name: canaryText, data: [], results: [], items: [] };

const servers: Readonly<Record<string, ApiServer>> = {
  apify: {
    peer: "apify",
    args: () => ["--tools", "actors,docs,runs,storage,dev,experimental"],
    env: (origin) => ({ APIFY_API_BASE_URL: origin, APIFY_TOKEN: "none", TELEMETRY_ENABLED: "false" }),
    answer: () => ({ data: { ...anything, status: "SUCCEEDED" } }),
    read: { tool: "get-dataset", args: { datasetId: "d1" } },
    strongest: { tool: "abort-actor-run", args: { runId: "r1" }, category: "Destructive", harm: /^POST \S*r1\/abort/ },
  },
  "brave-search": {
    peer: "braveSearch",
    hosts: ["api.search.brave.com"],
    env: () => ({ BRAVE_API_KEY: "none" }),
    answer: () => ({ web: { results: [{ title: canaryText, description: "", url: "" }] } }),
    read: { tool: "brave_web_search", args: { query: "x" } },
  },
  circleci: {
    peer: "circleci",
    env: (origin) => ({ CIRCLECI_BASE_URL: origin, CIRCLECI_TOKEN: "none", DISABLE_TELEMETRY: "true" }),
    answer: (method, path) =>
      path.includes("/workflow/")
        ? workflow(method)
        : { items: [{ name: canaryText, slug: "gh/o/p", vcs_type: "github" }], next_page_token: null },
    read: { tool: "list_followed_projects", args: { params: {} } },
    strongest: {
      tool: "rerun_workflow",
      args: { params: { workflowId: "00000000-0000-4000-8000-000000000002" } },
      harmless: { params: { workflowId: "00000000-0000-4000-8000-000000000001" } },
      category: "Execute",
      harm: /^POST \S*0002\/rerun/,
    },
  },
  context7: {
    peer: "context7",
    // It would lead loopback through a proxy, too.
    env: (origin) => ({ CONTEXT7_API_URL: origin, OTEL_SDK_DISABLED: "true", HTTP_PROXY: "", HTTPS_PROXY: "" }),
    answer: () => canaryText,
    read: { tool: "query-docs", args: { libraryId: "/acme/docs", query: "how" } },
  },
  datadog: {
    peer: "datadog",
    hosts: ["api.datadoghq.com"],
    env: () => ({ DATADOG_API_KEY: "none", DATADOG_APP_KEY: "none" }),
    answer: () => ({ dashboards: [{ id: "d", title: canaryText }] }),
    read: { tool: "list_dashboards", args: {} },
    strongest: {
      tool: "mute_host",
      args: { hostname: "other" },
      harmless: { hostname: "one" },
      category: "Write",
      harm: /^POST \S*other\/mute/,
    },
  },
  exa: {
    peer: "exa",
    hosts: ["api.exa.ai"],
    env: () => ({ EXA_API_KEY: "none" }),
    answer: () => ({ results: [{ id: "1", url: "https://a.example", title: canaryText, text: canaryText }] }),
    read: { tool: "web_search_exa", args: { query: "x" } },
  },
  figma: {
    peer: "figma",
    hosts: ["api.figma.com"],
    args: () => ["--stdio"],
    env: () => ({ FIGMA_API_KEY: "none", FRAMELINK_TELEMETRY: "off", DO_NOT_TRACK: "1" }),
    answer: () => ({
      name: canaryText,
      document: { id: "0:0", name: canaryText, type: "DOCUMENT", children: [] },
      components: {},
      componentSets: {},
      styles: {},
    }),
    read: { tool: "get_figma_data", args: { fileKey: "abc123" } },
    strongest: {
      tool: "download_figma_images",
      args: { fileKey: "other", nodes: [{ nodeId: "1:2", fileName: "a.png" }], localPath: "images" },
      harmless: { fileKey: "abc123", nodes: [{ nodeId: "1:2", fileName: "a.png" }], localPath: "images" },
      category: "Write",
      harm: /other/,
    },
  },
  firecrawl: {
    peer: "firecrawl",
    env: (origin) => ({ FIRECRAWL_API_URL: origin, FIRECRAWL_API_KEY: "none" }),
    answer: () => ({ success: true, links: [{ url: canaryText }], data: {} }),
    read: { tool: "firecrawl_map", args: { url: "https://a.example" } },
    strongest: {
      tool: "firecrawl_monitor_delete",
      args: { id: "m2" },
      category: "Destructive",
      harm: /^DELETE \S*m2/,
    },
  },
  github: {
    peer: "github",
    hosts: ["api.github.com"],
    env: () => ({ GITHUB_PERSONAL_ACCESS_TOKEN: "none" }),
    answer: (_, path) =>
      path.includes("/users?") ? { total_count: 0, incomplete_results: false, items: [] } : [{ sha: canaryText }],
    read: { tool: "list_commits", args: { owner: "o", repo: "r" } },
    strongest: {
      tool: "merge_pull_request",
      args: { owner: "o", repo: "r", pull_number: 2 },
      harmless: { owner: "o", repo: "r", pull_number: 1 },
      category: "Write",
      harm: /^PUT \S*pulls\/2\/merge/,
    },
  },
  gitlab: {
    peer: "gitlab",
    env: (origin) => ({ GITLAB_API_URL: origin, GITLAB_PERSONAL_ACCESS_TOKEN: "none" }),
    answer: (method) =>
      method === "GET"
        ? [
            {
              id: 1,
              name: canaryText,
              path_with_namespace: "g/p",
              visibility: "private",
              web_url: "",
              description: null,
              ssh_url_to_repo: "",
              http_url_to_repo: "",
              created_at: "",
              last_activity_at: "",
              default_branch: "main",
            },
          ]
        : { name: "b", commit: { id: "c", web_url: "" } },
    read: { tool: "search_repositories", args: { search: "x" } },
    strongest: {
      tool: "create_branch",
      args: { project_id: "2", branch: "b", ref: "main" },
      harmless: { project_id: "1", branch: "b", ref: "main" },
      category: "Write",
      harm: /^POST \S*projects\/2\//,
    },
  },
  "gitlab-zereight": {
    peer: "gitlabZereight",
    env: (origin) => ({ GITLAB_API_URL: origin, GITLAB_PERSONAL_ACCESS_TOKEN: "none" }),
    answer: () => [{ id: 1, name: canaryText, path_with_namespace: "g/p", description: null }],
    read: { tool: "list_projects", args: {} },
    strongest: {
      tool: "delete_issue",
      args: { project_id: "1", issue_iid: "1" },
      category: "Destructive",
      harm: /^DELETE \S*issues\/1/,
    },
  },
  gmail: {
    peer: "gmail",
    hosts: ["gmail.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com"],
    env: (_, folder) => gmailFiles(folder),
    answer: () => ({ access_token: "none", expires_in: 3600, labels: [{ id: "l", name: canaryText, type: "user" }] }),
    read: { tool: "list_email_labels", args: {} },
    strongest: {
      tool: "delete_email",
      args: { messageId: "m1" },
      category: "Destructive",
      harm: /^DELETE \S*messages\/m1/,
    },
  },
  "google-maps": {
    peer: "googleMaps",
    hosts: ["maps.googleapis.com"],
    env: () => ({ GOOGLE_MAPS_API_KEY: "none" }),
    answer: () => ({
      status: "OK",
      results: [
        { formatted_address: canaryText, place_id: "p", geometry: { location: {} }, location: {}, elevation: 1 },
      ],
    }),
    read: { tool: "maps_geocode", args: { address: "x" } },
    strongest: {
      tool: "maps_elevation",
      args: { locations: [{ latitude: 2, longitude: 2 }] },
      harmless: { locations: [{ latitude: 1, longitude: 1 }] },
      category: "Write",
      harm: /elevation\/json\?locations=2/,
    },
  },
  hubspot: {
    peer: "hubspot",
    env: (origin) => ({ BASE_URL_OVERRIDE: origin, PRIVATE_APP_ACCESS_TOKEN: "none" }),
    read: { tool: "hubspot-get-user-details", args: {} },
    strongest: {
      tool: "hubspot-batch-update-objects",
      args: { objectType: "contacts", inputs: [{ id: "2", properties: { city: "x" } }] },
      harmless: { objectType: "contacts", inputs: [{ id: "1", properties: { city: "x" } }] },
      category: "Write",
      harm: /^POST .*"id":"2"/,
    },
  },
  mongodb: {
    peer: "mongodb",
    hosts: ["cloud.mongodb.com"],
    env: () => ({
      MDB_MCP_API_CLIENT_ID: "none",
      MDB_MCP_API_CLIENT_SECRET: "none",
      MDB_MCP_TELEMETRY: "disabled",
      DO_NOT_TRACK: "1",
    }),
    answer: (_, path) =>
      path.includes("/oauth/")
        ? { access_token: "none", expires_in: 3600, token_type: "Bearer" }
        : { results: [{ id: "1".repeat(24), name: canaryText }], totalCount: 1 },
    read: { tool: "atlas-list-orgs", args: {} },
    strongest: {
      tool: "atlas-streams-teardown",
      args: { projectId: "1".repeat(24), resource: "workspace", workspaceName: "w" },
      category: "Destructive",
      harm: /^DELETE \S*streams\/w/,
    },
  },
  n8n: {
    peer: "n8n",
    env: (origin) => ({
      N8N_API_URL: origin,
      N8N_API_KEY: "none",
      // Lets it ask this machine.
      WEBHOOK_SECURITY_MODE: "moderate",
      MCP_MODE: "stdio",
      LOG_LEVEL: "error",
      DISABLE_CONSOLE_OUTPUT: "true",
      N8N_MCP_TELEMETRY_DISABLED: "true",
    }),
    read: { tool: "search_nodes", args: { query: "slack", limit: 1 }, answer: "slack" },
    strongest: { tool: "n8n_delete_workflow", args: { id: "w1" }, category: "Destructive", harm: /^DELETE \S*w1/ },
  },
  notion: {
    peer: "notion",
    env: (origin) => ({ BASE_URL: origin, NOTION_TOKEN: "none" }),
    read: { tool: "API-get-self", args: {} },
    strongest: {
      tool: "API-delete-a-block",
      args: { block_id: "00000000-0000-4000-8000-000000000001" },
      category: "Destructive",
      harm: /^DELETE \S*blocks/,
    },
  },
  sentry: {
    peer: "sentry",
    hosts: ["sentry.io"],
    args: () => ["--access-token=none"],
    answer: () => ({ id: "1", name: canaryText, email: "a@b.example" }),
    read: { tool: "whoami", args: {} },
    strongest: {
      tool: "update_issue",
      args: { organizationSlug: "o", issueId: "O-2", status: "resolved" },
      harmless: { organizationSlug: "o", issueId: "O-1", status: "resolved" },
      category: "Write",
      harm: /O-2/,
    },
  },
  shortcut: {
    peer: "shortcut",
    hosts: ["api.app.shortcut.com"],
    env: () => ({ SHORTCUT_API_TOKEN: "none" }),
    answer: () => ({ ...anything, profile: { name: canaryText } }),
    read: { tool: "users-get-current", args: {} },
    strongest: {
      tool: "epics-delete",
      args: { epicPublicId: 7 },
      category: "Destructive",
      harm: /^DELETE \S*epics\/7/,
    },
  },
  slack: {
    peer: "slack",
    hosts: ["slack.com"],
    env: () => ({ SLACK_BOT_TOKEN: "none", SLACK_TEAM_ID: "T1" }),
    answer: () => ({ ok: true, channels: [{ id: "C1", name: canaryText }] }),
    read: { tool: "slack_list_channels", args: {} },
    strongest: {
      tool: "slack_post_message",
      args: { channel_id: "C2", text: "x" },
      harmless: { channel_id: "C1", text: "x" },
      category: "Write",
      harm: /^POST .*C2/,
    },
  },
  "slack-mcp-server": {
    peer: "slackKorotovsky",
    hosts: ["slack.com", "team.slack.com"],
    args: () => ["--transport", "stdio"],
    env: (proxy) => ({ SLACK_MCP_PROXY: proxy, SLACK_MCP_SERVER_CA_INSECURE: "1", SLACK_MCP_XOXP_TOKEN: "xoxp-none" }),
    answer: (_, path) =>
      path.includes("auth.test")
        ? { ok: true, url: "https://team.slack.com/", team: "t", team_id: "T1", user: "u", user_id: "U1" }
        : {
            ok: true,
            channels: [{ id: "C1", name: canaryText, is_channel: true }],
            members: [{ id: "U1", name: "u" }],
          },
    read: { tool: "channels_list", args: { channel_types: "public_channel" }, answer: "C1" },
    strongest: {
      tool: "conversations_leave",
      args: { channel_id: "C2" },
      harmless: { channel_id: "C1" },
      category: "Write",
      harm: /conversations\.leave.*\bC2\b/s,
    },
  },
  supabase: {
    peer: "supabase",
    args: (origin) => [
      "--access-token=sbp_0000000000000000000000000000000000000000",
      // Without `docs`, whose description it fetches from elsewhere at its start.
      "--features=account,database,debugging,development,functions,branching,storage",
      `--api-url=${origin}`,
    ],
    read: { tool: "list_organizations", args: {} },
    strongest: {
      tool: "delete_branch",
      args: { branch_id: "b1" },
      category: "Destructive",
      harm: /^DELETE \S*branches\/b1/,
    },
  },
  tavily: {
    peer: "tavily",
    hosts: ["api.tavily.com"],
    env: () => ({ TAVILY_API_KEY: "none" }),
    answer: () => ({ query: "x", results: [{ title: canaryText, url: "u", content: "c" }] }),
    read: { tool: "tavily_search", args: { query: "x" } },
  },
};

function workflow(method: string): JsonObject {
  if (method === "POST") return { workflow_id: "w" };
  const [texts, numbers] = [{ id: "w", name: "w", status: "success", created_at: "" }, { pipeline_number: 1 }];
  return { ...texts, ...numbers, project_slug: "gh/o/p", pipeline_id: "p" };
}

/** Files of a person who has signed in. */
function gmailFiles(folder: string): Readonly<Record<string, string>> {
  const [keys, credentials] = [join(folder, "keys.json"), join(folder, "credentials.json")];
  writeFileSync(keys, JSON.stringify({ installed: { client_id: "none", client_secret: "none" } }));
  writeFileSync(credentials, JSON.stringify({ access_token: "none", refresh_token: "none", expiry_date: 9e12 }));
  return { GMAIL_OAUTH_PATH: keys, GMAIL_CREDENTIALS_PATH: credentials };
}

async function prepare(server: ApiServer, folder: string): Promise<PresetServer> {
  const { peer, hosts, read, strongest, answer = () => anything } = server;
  const api =
    hosts === undefined ? { ...(await startCanaryHost(answer)), env: sealed } : await startVendor(hosts, answer);
  return {
    command: process.execPath,
    args: [ensurePackage(peer), ...(server.args?.(api.origin) ?? [])],
    env: { HOME: folder, ...api.env, ...server.env?.(api.origin, folder) },
    read: { answer: canaryText, ...read },
    strongest:
      strongest === undefined
        ? undefined
        : {
            harmless: {},
            ...strongest,
            place: hosts === undefined ? "API on loopback" : `${hosts[0]} behind a proxy`,
            isHarmed: () => api.requests().some((request) => strongest.harm.test(request)),
          },
  };
}

/** Servers of APIs, by name. */
export const apiServers: Readonly<Record<string, Prepare>> = Object.fromEntries(
  Object.entries(servers).map(([name, server]) => [name, (folder: string) => prepare(server, folder)]),
);
