export {
  isOpenLayer,
  networkForm,
  networkSchema,
  parseStoredNetwork,
  usualOf,
  type NetworkFile,
  type StoredNetwork,
} from './network-file.ts';
export { isNetworkFile, readNetworkFile } from './read-network.ts';
export { resolveNetwork } from './resolve.ts';
