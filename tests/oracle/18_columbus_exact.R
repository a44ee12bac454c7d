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
# Local: moments by column, p-values by alternative; exact and saddlepoint of the constant only.
for (s in c("W", "B")) { l <- nb2listw(col.gal.nb, style = s); m0 <- lm(CRIME ~ 1, columbus)
  for (cond in c(TRUE, FALSE)) { e <- list(call = sprintf("localmoran(CRIME, style %s, conditional = %s)", s, cond), p = list())
    for (a in c("greater", "less", "two.sided")) { x <- localmoran(columbus$CRIME, l, conditional = cond, alternative = a); e$p[[a]] <- unname(x[, 5]) }
    r[[paste("local", if (cond) "conditional" else "total", s)]] <- c(e, list(I = unname(x[, 1]), expectation = unname(x[, 2]), variance = unname(x[, 3]), z = unname(x[, 4]))) }
  for (f in c("exact", "sad")) { e <- list(call = sprintf("localmoran.%s(lm(CRIME ~ 1), nb = col.gal.nb, style %s)", f, s), p = list())
    for (a in c("greater", "less", "two.sided")) { x <- (if (f == "exact") localmoran.exact else localmoran.sad)(m0, nb = col.gal.nb, style = s, alternative = a); e$p[[a]] <- sapply(x, function(z) as.numeric(z$p.value)); e$z <- sapply(x, function(z) as.numeric(z$statistic)) }
    r[[paste("local", f, s)]] <- e } }
save_json(r, "18_columbus_exact")
