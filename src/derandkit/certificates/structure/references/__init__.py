"""What a loss is held against: the best constant and a linear model, each with a proof of how near it is to the best.

Both are minima of convex functions. A search that ends is no proof that it ended there: on targets of size 1e6 Newton's
method can run away from the minimum of the Huber loss until the curvature underflows, and a step of zero looks like
convergence. So nothing rests on how a model was found: `constants` brackets it, `linear` bounds its distance from the
minimum by gradient and curvature where it stands, and where neither is possible the model is not known.
"""
