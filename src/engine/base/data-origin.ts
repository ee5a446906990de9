import { flag, needed, openObject, optional, shownText, text, type Value } from './schema/index.ts';
import { trainingSettings } from './training-settings.ts';

/** In run.json. */
export const originForm = openObject({
  source: optional(text(4096), 'The file or folder, absolute.'),
  imageSize: optional(trainingSettings.imageSize.option.form, 'What images were brought to.'),
  fit: optional(trainingSettings.fit.option.form, 'How.'),
  skipCorrupt: optional(flag, 'Whether unreadable images were left out.'),
  followLinks: optional(flag, 'Whether links were followed out of the folder.'),
  split: optional(
    openObject({
      validation: needed(trainingSettings.validation.option.form, 'Share of each class kept for validation.'),
      seed: needed(trainingSettings.seed.option.form, 'By which they were drawn.'),
    }),
    'How the validation images were chosen; absent for a given split.',
  ),
  content: needed(shownText, "SHA-256 over shape, classes, and each image's class and CRC-32."),
});

/** Where images came from and how they were made, as far as the data set's name does not say it. */
export type DataOrigin = Value<typeof originForm>;
