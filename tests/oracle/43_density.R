# Bandwidths and densities by R (stats 4.2.2), beside tests/oracle/43_density.py.
# Rscript tests/oracle/43_density.R [folder of the repository] > tests/oracle/43_density_r.json
suppressMessages(library(jsonlite))
root <- commandArgs(TRUE); root <- if (length(root)) root[1] else "."
us <- read.csv(file.path(root, "tests/data/us_income/usjoin.csv"), check.names = FALSE)
exact <- function(x, h, at, w = rep(1 / length(x), length(x)))
  sapply(at, function(z) sum(w * dnorm((z - x) / h)) / h)
below <- function(x, h, at) sapply(at, function(z) mean(pnorm((z - x) / h)))
# Sheather and Jones' equation with sums over all pairs, where bw.SJ bins the data
sj <- function(x) {
  n <- length(x)
  d <- outer(x, x, "-")
  s <- min(sd(x), IQR(x) / 1.349)
  SD <- function(h) { u <- (d / h)^2; sum((u^2 - 6 * u + 3) * dnorm(sqrt(u))) / (n * (n - 1) * h^5) }
  TD <- function(h) { u <- (d / h)^2; -sum((u^3 - 15 * u^2 + 45 * u - 15) * dnorm(sqrt(u))) / (n * (n - 1) * h^7) }
  alpha <- 1.357 * (SD(1.24 * s * n^(-1 / 7)) / TD(1.23 * s * n^(-1 / 9)))^(1 / 7)
  f <- function(h) (1 / (2 * sqrt(pi) * n * SD(alpha * h^(5 / 7))))^(1 / 5) - h
  top <- 1.144 * s * n^(-1 / 5)
  uniroot(f, c(0.1, 2) * top, tol = 1e-15)$root
}
out <- list()
for (year in c("1929", "2009")) {
  x <- us[[year]]
  y <- x / mean(x)
  l <- log(y)
  at <- seq(0.3, 2, length.out = 18)
  h <- bw.nrd0(y)
  hl <- bw.nrd0(l)
  out[[year]] <- list(
    "bandwidth, Silverman" = h,
    "bandwidth, Scott" = bw.nrd(y),
    "bandwidth, Sheather-Jones" = sj(y),
    "bandwidth of logs, Sheather-Jones" = sj(l),
    "bw.SJ" = bw.SJ(y, nb = 200000, method = "ste", tol = 1e-10),
    "bw.SJ of logs" = bw.SJ(l, nb = 200000, method = "ste", tol = 1e-10),
    "bandwidth of logs, Silverman" = hl,
    "density" = exact(y, h, at),
    "distribution" = below(y, h, at),
    "density, logs" = exact(l, hl, log(at)) / at,
    "distribution, logs" = below(l, hl, log(at))
  )
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE, pretty = TRUE))
