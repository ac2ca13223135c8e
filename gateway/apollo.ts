/** How Apollo Server is set up, the same for the whole graph and for a contract. */
import type { ApolloServerOptionsWithGateway, ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { Log } from '../kernel/log';
import { answerOverHttp, type Published } from './answers';
import { AutomaticallyPersisted } from './automatically-persisted';
import { tellCost } from './cost.plugin';
import { OWN_RULES, PARSE_OPTIONS, VALIDATION_OPTIONS } from './documents';
import { type Asked, quiet, refuseSubscriptions } from './edge';
import type { Engine } from './engine/engine';
import { formatError } from './errors';
import { asking } from './request';
import { seeOperations } from './seen/apollo.plugin';
import type { TrustedDocuments } from './trusted/trusted';

export interface ApolloSetUp {
  readonly engine: Engine;
  readonly introspection: boolean;
  readonly trusted: TrustedDocuments;
  /** What may be kept for all; null: nothing. */
  readonly published: Published | null;
  readonly plugins?: readonly ApolloServerPlugin<Asked>[];
  readonly log: Log;
}

export const apolloOptions = ({
  engine,
  introspection,
  trusted,
  published,
  plugins = [],
  log,
}: ApolloSetUp): ApolloServerOptionsWithGateway<Asked> => ({
  gateway: engine,
  introspection,
  hideSchemaDetailsFromClientErrors: true,
  includeStacktraceInErrorResponses: false,
  allowBatchedHttpRequests: false,
  csrfPrevention: true,
  // what a client had kept could be asked by its hash after it was taken from the list
  persistedQueries: trusted.only ? false : { cache: new AutomaticallyPersisted() },
  stopOnTerminationSignals: false,
  parseOptions: PARSE_OPTIONS,
  validationOptions: VALIDATION_OPTIONS,
  validationRules: [...OWN_RULES],
  logger: quiet(log),
  formatError: (formatted, error) => formatError(formatted, error, asking.getStore() ?? {}, log),
  plugins: [
    ApolloServerPluginCacheControlDisabled(),
    ApolloServerPluginInlineTraceDisabled(),
    ApolloServerPluginLandingPageDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
    refuseSubscriptions,
    tellCost(engine),
    seeOperations,
    answerOverHttp(engine, published),
    ...plugins,
  ],
});
