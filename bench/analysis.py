"""The peer of analysis.ts: the same jobs by numpy, scipy and scikit-learn, one thread. A line "JOB ARGUMENTS" is
answered with {"milliseconds", "result"}."""
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
import inspect
import json
import sys
import time
import warnings

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.manifold import MDS, TSNE

warnings.filterwarnings("ignore")
files = {}


def load(path, *shape):
    if path not in files:
        files[path] = np.fromfile(path, dtype=np.float32).reshape([int(n) for n in shape])
    return files[path]


def gram(theta):
    """[m, C, n] sorted answers -> [C, C], by inner products."""
    total = np.zeros((theta.shape[1],) * 2)
    for k in theta:
        norms = (k * k).sum(1)
        total += np.sqrt(np.maximum(norms[:, None] + norms[None] - 2 * k @ k.T, 0) / k.shape[1])
    return total


def sorted_answers(path, images, neurons, classes):
    samples = load(path, images, neurons)
    return np.sort(samples.reshape(int(classes), -1, int(neurons)), axis=1).transpose(0, 2, 1).copy()


def measure(work):
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result


def divergence(rows, embedding):
    from sklearn.manifold._t_sne import _joint_probabilities_nn
    from sklearn.neighbors import NearestNeighbors

    graph = NearestNeighbors(n_neighbors=min(91, len(rows) - 1)).fit(rows).kneighbors_graph(mode="distance")
    graph.data **= 2
    p = _joint_probabilities_nn(graph, 30, 0).toarray()
    q = 1 / (1 + squareform(pdist(embedding.astype(float), "sqeuclidean")))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    near = p > 0
    return float((p[near] * np.log(p[near] / q[near])).sum())


for line in sys.stdin:
    job, path, *rest = line.split()
    result = None
    if job == "gram":
        spent, _ = measure(lambda: gram(sorted_answers(path, *rest)))
    elif job == "pdist":
        spent, _ = measure(
            lambda: sum(np.sqrt(pdist(k, "sqeuclidean") / k.shape[1]) for k in sorted_answers(path, *rest))
        )
    elif job == "linkage":
        condensed = pdist(load(path, *rest))
        spent, tree = measure(lambda: linkage(condensed, "average"))
        result = float(tree[:, 2].sum())
    elif job == "agglomerative":
        square = squareform(pdist(load(path, *rest)))
        model = AgglomerativeClustering(5, metric="precomputed", linkage="average")
        spent, _ = measure(lambda: model.fit(square))
    elif job == "mds":
        square = squareform(pdist(load(path, *rest)))
        model = MDS(2, dissimilarity="precomputed", n_init=1, random_state=0, normalized_stress=False)
        spent, _ = measure(lambda: model.fit(square))
        result = float(model.stress_)
    elif job == "kmeans":
        rows = load(path, *rest)
        model = KMeans(10, n_init=10, random_state=0)
        spent, _ = measure(lambda: model.fit(rows))
        result = float(model.inertia_)
    elif job == "tsne":
        rows = load(path, *rest)
        # scikit-learn 1.7 took the older name away.
        steps = {"max_iter" if "max_iter" in inspect.signature(TSNE).parameters else "n_iter": 1000}
        model = TSNE(2, init="pca", learning_rate="auto", random_state=0, **steps)
        spent, _ = measure(lambda: model.fit(rows))
        result = divergence(rows, model.embedding_)
    print(json.dumps({"milliseconds": spent, "result": result}), flush=True)
