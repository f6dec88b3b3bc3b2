// What a test imports; README.md beside this folder shows how.
export { court, siteData, tour } from './site.mjs';
export { freePort, Server, startServer } from './server.mjs';
export { Postgres } from './postgres.mjs';
export { Redis } from './redis.mjs';
export { addSlots, change, takePlaces } from './stock.mjs';
export { root, build, temporaryFolder } from './place.mjs';
export { Buyer, checkInvariants, slotsOf } from './sale.mjs';
export { eventually, turnFeature } from './feature.mjs';
