export type { NetworkFile } from './network-file.ts';
export { isNetworkFile, readNetworkFile } from './read-network.ts';
export { isOpenLayer, resolveNetwork } from './resolve.ts';
export { parseStoredNetwork, type StoredNetwork } from './stored-network.ts';
