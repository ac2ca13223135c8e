/** Every setting of every process: its name, what it is for, and what holds when it is not set. Read by config.ts alone. */

export const SUBGRAPHS = ['catalogue', 'identity', 'applications', 'messaging', 'payment'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

/** Who signs in; each population has an OpenID provider of its own, which alone can vouch for it. */
export const POPULATIONS = ['citizen', 'organisation', 'staff'] as const;
export type Population = (typeof POPULATIONS)[number];

export interface Setting {
  /** What it is for, with its unit. */
  readonly what: string;
  /** Used when the variable is not set; `undefined` means that it must be set by whoever needs it. */
  readonly fallback?: string;
  /** True when production refuses to start with the fallback. */
  readonly production?: 'must be set';
  readonly check?: (value: string) => boolean;
}

const port = (value: string) => /^\d{1,5}$/.test(value) && Number(value) <= 65535;
const url = (value: string) => URL.canParse(value);
const urls = (value: string) => value.split(',').every(one => URL.canParse(one.trim()));
const flag = (value: string) => value === 'true' || value === 'false';
const positive = (value: string) => /^\d{1,9}$/.test(value) && Number(value) > 0;
const json = (value: string) => {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
};

export const SETTINGS: Record<string, Setting> = {
  NODE_ENV: {
    what: 'development, test or production',
    fallback: 'development',
    check: value => ['development', 'test', 'production'].includes(value),
  },
  LOG_LEVEL: { what: 'least level that is logged: debug, info, warn, error, silent', fallback: 'info' },
  BIND_ADDRESS: { what: 'network address the servers listen on', fallback: '127.0.0.1' },
  DATABASE_URL: {
    what: 'PostgreSQL as owner, for roles and migrations; npm start, demo and tests bring their own when not set',
    check: url,
  },
  DATABASE_POOL: { what: 'most connections of one process', fallback: '10', check: value => Number(value) > 0 },
  DATA_DIR: { what: 'folder of the embedded database and the stored documents', fallback: 'data' },
  GATEWAY_PORT: { what: 'port of the gateway', fallback: '4000', check: port },
  GATEWAY_URL: {
    what: 'where subgraphs reach the gateway for asks: of several processes all addresses, comma-separated; at a gateway that is called back (LIVE_TRANSPORTS) its own one alone',
    fallback: 'http://localhost:4000',
    check: urls,
  },
  GATEWAY_PUBLIC_URL: { what: 'where browsers reach the gateway', fallback: 'http://localhost:4000', check: url },
  GATEWAY_INTERNAL_PORT: {
    what: 'port of the gateway, with mutual TLS, at which subgraphs ask when TLS_CERT is set; GATEWAY_URL names it then',
    fallback: '4443',
    check: port,
  },
  TLS_CA: {
    what: 'file of the authorities (PEM) whose certificates gateway and subgraphs accept of each other; no TLS when not set',
  },
  TLS_CERT: { what: "file of the process's own certificate (PEM), for server and client" },
  TLS_KEY: { what: 'file of its private key (PEM)' },
  GATEWAY_ORIGINS: {
    what: 'web origins allowed to call the gateway, comma-separated',
    fallback: 'http://localhost:4000',
  },
  SUPERGRAPH: { what: 'file of the composed supergraph', fallback: 'schema/supergraph.graphql' },
  TRUSTED_DOCUMENTS: {
    what: 'only: clients may ask nothing but documents that were registered by npm run operations; any: whatever they like',
    fallback: 'any',
    check: value => value === 'only' || value === 'any',
  },
  TRUSTED_DOCUMENTS_FILE: {
    what: 'file of the registered documents, the same for every replica; read again when it changes',
    fallback: 'schema/operations.json',
  },
  MAX_COST: {
    what: 'most objects an operation may ask for, by the sizes of its lists',
    fallback: '10000',
    check: positive,
  },
  TRUSTED_PROXIES: {
    what: 'networks of own proxies, comma-separated, such as 10.0.0.0/8: their X-Forwarded-For says where a request comes from; none when empty',
    fallback: '',
    check: value =>
      value
        .split(',')
        .filter(Boolean)
        .every(one => /^ *[\da-fA-F.:]+(\/\d{1,3})? *$/.test(one)),
  },
  RATE_PER_ACCOUNT: {
    what: 'requests and operations on sockets a minute of one account; 0: any number; when not set, 1200 in production',
    check: value => Number(value) >= 0,
  },
  RATE_PER_ADDRESS: {
    what: 'requests and operations on sockets a minute of one network address, or one /64 of IPv6; 0: any number; when not set, 12000 in production',
    check: value => Number(value) >= 0,
  },
  RATE_DATABASE_URL: {
    what: 'PostgreSQL in which replicas of the gateway count requests together; each by itself when not set',
    check: url,
  },
  CLIENT_IDLE_MS: {
    what: 'milliseconds after which a client of the gateway is cut off that neither sends nor takes anything, such as its answer',
    fallback: '60000',
    check: value => Number(value) > 0,
  },
  LIVE_PER_ACCOUNT: {
    what: 'live connections of one account at most',
    fallback: '5',
    check: value => Number(value) > 0,
  },
  LIVE_PER_ADDRESS: {
    what: 'live connections of one network address at most',
    fallback: '50',
    check: value => Number(value) > 0,
  },
  LIVE_TRANSPORTS: {
    what: 'how subgraphs stream where not over graphql-ws, comma-separated: <subgraph>=sse or <subgraph>=callback',
    check: value => value.split(',').every(one => /^ *[\w-]+=(ws|sse|callback) *$/.test(one)),
  },
  INTROSPECTION: { what: 'true lets clients read the schema in production', fallback: 'false', check: flag },
  OPENID_SIMULATOR_URL: {
    what: 'address of the OpenID providers of development; that of STAFF_ISSUER when empty',
    fallback: '',
    check: value => value === '' || url(value),
  },
  OPENID_AUDIENCE: { what: 'audience of access tokens for the graph', fallback: 'https://graph.example/graphql' },
  RETURN_URLS: {
    what: 'addresses a browser may be sent back to after sign-in (the page /case of the gateway among them) or payment, comma-separated; one without a path, such as http://localhost:5173, stands for all of its origin',
    fallback:
      'http://localhost:4000/graphql,http://localhost:4000/case,https://portal.musterstadt.example/back,https://portal.musterstadt.example/paid',
  },
  PAYMENT_PROVIDER: { what: 'name of the payment provider in subgraphs/payment/providers', fallback: 'xbezahldienste' },
  PAYMENT_PROVIDER_URL: {
    what: 'address of the payment provider',
    fallback: 'http://localhost:4011',
    production: 'must be set',
    check: url,
  },
  PAYMENT_PROVIDER_SECRET: {
    what: 'secret shared with the payment provider, for its signed reports',
    fallback: 'development-only-payment-provider',
    production: 'must be set',
  },
  HANDOVER_SYSTEMS: {
    what: 'line-of-business systems as JSON: [{ name, url, leikaKeys? }]',
    fallback: '[{"name":"gewerberegister","url":"http://localhost:4012/handovers","leikaKeys":["99050012104000"]}]',
    production: 'must be set',
    check: json,
  },
  ROUTING_CHANNELS: {
    what: 'channels by which applications reach offices here, comma-separated; the same for catalogue and applications',
    fallback: 'CASE_CLOUD,SHARED_MAILBOX',
    check: value => value.split(',').every(one => /^ *[A-Z]+(_[A-Z]+)* *$/.test(one)),
  },
  SMTP_URL: {
    what: 'mail server for e-mails to applicants and shared mailboxes; none are sent when not set',
    check: url,
  },
  MAIL_FROM: { what: 'sender of e-mails', fallback: 'noreply@platform.example' },
  MAIL_SINK_HTTP: { what: 'port where the mail server of development shows its mails', fallback: '4014', check: port },
  START_TIMEOUT_MS: {
    what: 'milliseconds a process of npm start has until it is ready, and PostgreSQL too',
    fallback: '300000',
    check: positive,
  },
  BLOCKED_AFTER_MS: {
    what: 'milliseconds without a heartbeat after which the watchdog ends a process and starts it again',
    fallback: '10000',
    check: positive,
  },
  DRAIN_MS: {
    what: 'milliseconds after SIGTERM within which a process has left: requests that run may end until shortly before, then they are cut off',
    fallback: '10000',
    check: positive,
  },
  DRAIN_LINGER_MS: {
    what: 'milliseconds of these in which it still answers what is new, with 503 and Retry-After, so that balancers and clients go elsewhere',
    fallback: '1000',
    check: value => Number(value) >= 0,
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    what: 'OpenTelemetry collector (OTLP over HTTP) that traces are sent to; none are made when not set',
    check: url,
  },
  OTEL_TRACES_SAMPLER_ARG: {
    what: 'share of requests that are traced, 0 to 1',
    fallback: '1',
    check: value => Number(value) >= 0 && Number(value) <= 1,
  },
  METRICS_PORT: {
    what: 'port of its own at which Prometheus finds /metrics of the gateway; in production none when not set',
    check: port,
  },
  SUBGRAPH_TIMEOUT_MS: {
    what: 'milliseconds a subgraph has for an answer, where it has no time of its own',
    fallback: '1500',
    check: positive,
  },
  SUBGRAPH_WRITE_TIMEOUT_MS: {
    what: 'milliseconds a subgraph has for a mutation, which may ask others first',
    fallback: '10000',
    check: positive,
  },
  SUBGRAPH_MAX_BYTES: { what: 'largest answer of a subgraph, in bytes', fallback: '8388608', check: positive },
  SUBGRAPH_CONNECTIONS: {
    what: 'most requests to one subgraph at a time; four times as many may wait',
    fallback: '64',
    check: positive,
  },
  PLAYGROUND_PERSONAS: {
    what: "people of the playground's sign-in menu, in development, as JSON: [{ subject, name, population, about, level? }]",
    check: json,
  },
  IDLE_ACCOUNT_DAYS: {
    what: 'days without a sign-in after which an account is erased',
    fallback: '1095',
    check: value => Number(value) >= 30,
  },
  IDLE_NOTICE_DAYS: {
    what: 'days before that on which its holder is told',
    fallback: '30',
    check: value => Number(value) >= 1,
  },
  ACCESS_LOG_KEY: {
    what: "secret from which the key that signs the access log's anchors is derived, at least 32 characters",
    fallback: 'development-only-secret-of-the-access-log',
    production: 'must be set',
    check: value => value.length >= 32,
  },
  ACCESS_LOG_ANCHORS: {
    what: 'where signed heads of the access log are kept, outside of the database: a name in subgraphs/identity/access-log/anchors',
    fallback: 'file',
  },
  ACCESS_LOG_S3_URL: {
    what: 'with ACCESS_LOG_ANCHORS=s3: address of the bucket and the beginning of all names in it, such as https://s3.example/bucket/anchors',
    check: url,
  },
  ACCESS_LOG_S3_REGION: { what: 'with ACCESS_LOG_ANCHORS=s3: region of the bucket', fallback: 'us-east-1' },
  ACCESS_LOG_S3_KEY_ID: { what: 'with ACCESS_LOG_ANCHORS=s3: id of the access key' },
  ACCESS_LOG_S3_SECRET: { what: 'with ACCESS_LOG_ANCHORS=s3: secret of the access key' },
  ACCESS_LOG_TIMESTAMP_URL: {
    what: 'address of a time-stamp authority (RFC 3161) that stamps every anchor, wherever it is kept; needs ACCESS_LOG_TIMESTAMP_ROOTS',
    check: url,
  },
  ACCESS_LOG_TIMESTAMP_ROOTS: {
    what: 'file with the certificates (PEM) that time stamps of anchors must lead to; without it stamps are not checked',
  },
  UPLOADS_WITHOUT_SCANNER: {
    what: 'true accepts uploads without a virus scanner in production',
    fallback: 'false',
    check: flag,
  },
};

/** As their names stand in those of settings. */
export const UPPER: Record<SubgraphName, string> = {
  catalogue: 'CATALOGUE',
  identity: 'IDENTITY',
  applications: 'APPLICATIONS',
  messaging: 'MESSAGING',
  payment: 'PAYMENT',
};
for (const [i, name] of SUBGRAPHS.entries()) {
  const port4 = String(4001 + i);
  SETTINGS[`${UPPER[name]}_PORT`] = { what: `port of the ${name} subgraph`, fallback: port4, check: port };
  SETTINGS[`${UPPER[name]}_URL`] = {
    what: `where the gateway reaches the ${name} subgraph: of several processes all addresses, comma-separated`,
    fallback: `http://localhost:${port4}`,
    check: urls,
  };
  SETTINGS[`${UPPER[name]}_PUBLIC_URL`] = {
    what: `where browsers and outside systems reach the ${name} subgraph (files, sign-in, payment reports)`,
    fallback: `http://localhost:${port4}`,
    check: url,
  };
  SETTINGS[`${UPPER[name]}_SECRET`] = {
    what: `secret shared by the gateway and the ${name} subgraph, at least 32 characters`,
    fallback: `development-only-secret-of-${name}-subgraph`,
    production: 'must be set',
    check: value => value.length >= 32,
  };
  SETTINGS[`${UPPER[name]}_TIMEOUT_MS`] = {
    what: `milliseconds the ${name} subgraph has for an answer; SUBGRAPH_TIMEOUT_MS when not set`,
    check: positive,
  };
  SETTINGS[`${UPPER[name]}_SECRET_ALSO`] = {
    what: `another secret of the ${name} subgraph, accepted beside it while secrets are changed`,
    check: value => value.length >= 32,
  };
  SETTINGS[`${UPPER[name]}_TLS_CA`] = {
    what: `file of the authority of the ${name} subgraph's certificate, where the gateway accepts another one than TLS_CA`,
  };
  SETTINGS[`${UPPER[name]}_TLS_CERT`] = { what: `file of the certificate that the gateway shows to ${name} only` };
  SETTINGS[`${UPPER[name]}_TLS_KEY`] = { what: 'file of its private key' };
  SETTINGS[`${UPPER[name]}_DATABASE_URL`] = {
    what: `PostgreSQL as the role of the ${name} subgraph; derived from DATABASE_URL when not set`,
    check: url,
  };
}

export const PROVIDERS: Record<Population, readonly [upper: string, like: string]> = {
  citizen: ['CITIZEN', 'citizens, such as BundID'],
  organisation: ['ORGANISATION', 'organisations, such as Mein Unternehmenskonto'],
  staff: ['STAFF', "staff and machines, such as an authority's Keycloak"],
};
SETTINGS.STAFF_EMAIL_BY_DIRECTORY = {
  what: 'true where the OpenID provider of the staff leaves email_verified out, as Entra ID does, and nobody but the directory writes the addresses: they count as verified for a first sign-on',
  fallback: 'false',
  check: flag,
};
for (const population of POPULATIONS) {
  const [upper, like] = PROVIDERS[population];
  SETTINGS[`${upper}_ISSUER`] = {
    what: `issuer of the OpenID provider of ${like}; each population has another one`,
    fallback: `http://localhost:4010/${population}`,
    production: 'must be set',
    check: url,
  };
  SETTINGS[`${upper}_CLIENT_ID`] = { what: 'client of the platform at that provider', fallback: 'platform' };
  SETTINGS[`${upper}_CLIENT_SECRET`] = {
    what: 'secret of that client',
    fallback: 'development-only-platform',
    production: 'must be set',
  };
}
