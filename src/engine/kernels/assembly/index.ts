export { addDistances, mirrorTriangle } from './distances';
export { assignPoints } from './k-means';
export { tsneGradient, tsneUpdate } from './t-sne';
