/** Plain HTTP endpoints that only the gateway may call. */
import express, { type RequestHandler } from 'express';
import { type SubgraphName, subgraphConfig } from '../config';
import { type Envelope, verifyPrincipal } from '../principal';

/** Middlewares that read a JSON body (or none) and let nobody but the gateway pass; `res.locals.envelope` says who asks. */
export function gatewayOnly(name: SubgraphName): RequestHandler[] {
  return [
    express.raw({ type: () => true, limit: '64kb' }),
    async (req, res, next) => {
      const token = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
      const body = Buffer.isBuffer(req.body) && req.body.length > 0 ? req.body : undefined;
      try {
        const envelope: Envelope = await verifyPrincipal(token, 'gateway', name, subgraphConfig(name).accepted, body);
        res.locals.envelope = envelope;
        req.body = body ? JSON.parse(body.toString()) : undefined;
      } catch {
        res.status(401).json({ error: 'UNAUTHENTICATED' });
        return;
      }
      next();
    },
  ];
}
