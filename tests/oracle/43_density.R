# Bandwidths and densities by R (stats 4.2.2), beside tests/oracle/43_density.py.
# Rscript tests/oracle/43_density.R [folder of the repository] > tests/oracle/43_density_r.json
suppressMessages(library(jsonlite))
root <- commandArgs(TRUE); root <- if (length(root)) root[1] else "."
us <- read.csv(file.path(root, "tests/data/us_income/usjoin.csv"), check.names = FALSE)
exact <- function(x, h, at, w = rep(1 / length(x), length(x)))
  sapply(at, function(z) sum(w * dnorm((z - x) / h)) / h)
below <- function(x, h, at) sapply(at, function(z) mean(pnorm((z - x) / h)))
out <- list()
for (year in c("1929", "2009")) {
  x <- us[[year]]
  y <- x / mean(x)
  l <- log(y)
  at <- seq(0.3, 2, length.out = 18)
  h <- bw.nrd0(y)
  hl <- bw.nrd0(l)
  d <- density(y, bw = h, n = 512, cut = 3)
  out[[year]] <- list(
    "bandwidth, Silverman" = h,
    "bandwidth, Scott" = bw.nrd(y),
    # binned: finer bins come nearer to the sums over pairs
    "bandwidth, Sheather-Jones" = bw.SJ(y, nb = 200000, method = "ste", tol = 1e-10),
    "bandwidth of logs, Sheather-Jones" = bw.SJ(l, nb = 200000, method = "ste", tol = 1e-10),
    "bandwidth of logs, Silverman" = hl,
    "density" = exact(y, h, at),
    "distribution" = below(y, h, at),
    "density, logs" = exact(l, hl, log(at)) / at,
    "distribution, logs" = below(l, hl, log(at)),
    "grid" = d$x[c(1, 2, 256, 512)],
    "binned" = approx(d$x, d$y, at)$y
  )
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE))
