/** The catalogue subgraph: what exists and who is responsible (Zuständigkeitsfinder). Its table of contents. */
import type { Context } from '../../kernel/context';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { Area } from './areas/area.entity';
import { areaByArs } from './areas/area.loaders';
import { AreaResolver } from './areas/area.resolver';
import { Authority } from './authorities/authority.entity';
import { authorityById } from './authorities/authority.loaders';
import { AuthorityConnectionResolver, AuthorityResolver } from './authorities/authority.resolver';
import { visibleOf } from './entries/entry.loaders';
import { CatalogueEntryResolver } from './entries/entry.resolver';
import { AdoptionResolver } from './online-services/adoption.resolver';
import { Adoption, OnlineService, OnlineServiceVersion } from './online-services/online-service.entity';
import { adoptionById } from './online-services/online-service.loaders';
import {
  OnlineServiceConnectionResolver,
  OnlineServiceResolver,
  OnlineServiceVersionResolver,
} from './online-services/online-service.resolver';
import { visibleOnlineService } from './online-services/online-service.service';
import type { ServiceAtPlace } from './places/place.entity';
import { ServiceAtPlaceResolver } from './places/place.resolver';
import { findPlace } from './places/place.service';
import { Portal } from './portals/portal.entity';
import { portalById } from './portals/portal.loaders';
import { PortalConnectionResolver, PortalResolver } from './portals/portal.resolver';
import { reactions } from './reactions';
import { nameUnreachable } from './responsibilities/responsibility.channels';
import { Responsibility } from './responsibilities/responsibility.entity';
import { DepartmentRuleResolver, ResponsibilityResolver } from './responsibilities/responsibility.resolver';
import { ServiceVersion } from './services/service.entity';
import { serviceByKey } from './services/service.loaders';
import { ServiceConnectionResolver, ServiceResolver, ServiceVersionResolver } from './services/service.resolver';
import { LifeSituation } from './topics/topic.entity';
import { situationById } from './topics/topic.loaders';
import { LifeSituationResolver, LifeTopicResolver } from './topics/topic.resolver';

const PUBLIC_ENUMS = [
  'AdoptionState',
  'AreaLevel',
  'Audience',
  'AuthorityKind',
  'CatalogueEventKind',
  'CatalogueState',
  'CurrencyCode',
  'LifeTopicCode',
  'PortalGeneration',
  'PortalState',
  'Programme',
  'RoutingChannel',
  'TrustLevel',
];

const catalogue: Subgraph = {
  name: 'catalogue',
  resolvers: [
    AdoptionResolver,
    AreaResolver,
    AuthorityConnectionResolver,
    AuthorityResolver,
    CatalogueEntryResolver,
    DepartmentRuleResolver,
    LifeSituationResolver,
    LifeTopicResolver,
    OnlineServiceConnectionResolver,
    OnlineServiceResolver,
    OnlineServiceVersionResolver,
    PortalConnectionResolver,
    PortalResolver,
    ResponsibilityResolver,
    ServiceAtPlaceResolver,
    ServiceConnectionResolver,
    ServiceResolver,
    ServiceVersionResolver,
  ],
  orphans: [OnlineServiceVersion, Responsibility, ServiceVersion],
  entities: [
    Adoption,
    Area,
    Authority,
    LifeSituation,
    OnlineService,
    OnlineServiceVersion,
    Portal,
    Responsibility,
    ServiceVersion,
  ],
  references: {
    Adoption: ({ id }: { id: string }, ctx: Context) => adoptionById(ctx).load(id),
    Area: ({ ars }: { ars: string }, ctx: Context) => areaByArs(ctx).load(ars),
    Authority: ({ id }: { id: string }, ctx: Context) => authorityById(ctx).load(id),
    LifeSituation: ({ id }: { id: string }, ctx: Context) => situationById(ctx).load(id),
    OnlineService: ({ id }: { id: string }, ctx: Context) => visibleOnlineService(ctx, id),
    OnlineServiceVersion: ({ id }: { id: string }, ctx: Context) => visibleOf(ctx, OnlineServiceVersion, id),
    Portal: ({ id }: { id: string }, ctx: Context) => portalById(ctx).load(id),
    Responsibility: ({ id }: { id: string }, ctx: Context) => visibleOf(ctx, Responsibility, id),
    Service: ({ leikaKey }: { leikaKey: string }, ctx: Context) => serviceByKey(ctx).load(leikaKey),
    ServiceAtPlace: (place: ServiceAtPlace, ctx: Context) => findPlace(ctx, place),
    ServiceVersion: ({ id }: { id: string }, ctx: Context) => visibleOf(ctx, ServiceVersion, id),
  },
  reactions,
  asks: {},
  background: ({ db }) => {
    const named = nameUnreachable(db);
    return () => named;
  },
  sdl: PUBLIC_ENUMS.map(name => `extend enum ${name} @tag(name: "public")`).join('\n'),
};

export default catalogue;
