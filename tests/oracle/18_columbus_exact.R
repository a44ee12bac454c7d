# Moran's I under normality, global: exact distribution and saddlepoint approximation, of a variable (constant only) and of residuals.
# spdep integrates Imhof's integral by integrate() at its default tolerance; `imhof` is the same at rel.tol = 1e-12, over the
# eigenvalues that spdep returns (which for style B lack the factor n / S0).
source("_util.R"); suppressPackageStartupMessages({library(spdep)})
data(columbus, package = "spData")
imhof <- function(lambda) { f <- function(u) sapply(u, function(v) sin(sum(0.5 * atan(lambda * v))) / (v * prod((1 + lambda^2 * v^2)^0.25)))
  0.5 + (integrate(f, 0, 1, rel.tol = 1e-12, subdivisions = 5000)$value + integrate(f, 1, Inf, rel.tol = 1e-12, subdivisions = 5000)$value) / pi }
r <- list(meta = list(data = "spData::columbus, col.gal.nb (230 links)", versions = ver("spdep", "spData")))
for (s in c("W", "B")) for (f in c("CRIME ~ 1", "CRIME ~ INC + HOVAL")) { m <- lm(as.formula(f), columbus); l <- nb2listw(col.gal.nb, style = s); e <- list(exact = list(call = sprintf("lm.morantest.exact(lm(%s), style %s)", f, s)), sad = list(call = sprintf("lm.morantest.sad(lm(%s), style %s)", f, s)))
  for (a in c("greater", "less", "two.sided")) {
    x <- suppressWarnings(lm.morantest.exact(m, l, alternative = a)); d <- suppressWarnings(lm.morantest.sad(m, l, alternative = a))
    e$exact[[a]] <- x$p.value; e$sad[[a]] <- d$p.value }
  tau <- x$gamma * 49 / sum(unlist(l$weights)); lambda <- tau - as.numeric(x$estimate); u <- imhof(lambda)
  r[[paste(f, s)]] <- c(e, list(I = as.numeric(x$estimate), eigenvalues = sort(tau), deviate = as.numeric(d$statistic), imhof = u)) }
save_json(r, "18_columbus_exact")
