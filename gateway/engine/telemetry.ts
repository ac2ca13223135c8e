/** Switches Apollo's telemetry off. Import it before anything of @apollo/gateway: its gateway otherwise phones out. */
process.env.APOLLO_TELEMETRY_DISABLED = '1';

export {};
