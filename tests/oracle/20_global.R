# Global statistics on weights that are not symmetric (4 nearest neighbours), Lee's L with a symmetric Q, APLE, rates.
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg)})
data(columbus, package = "spData"); x <- columbus$CRIME; y <- columbus$INC
lw <- nb2listw(col.gal.nb, style = "W"); lb <- nb2listw(col.gal.nb, style = "B")
k4 <- knn2nb(knearneigh(cbind(columbus$X, columbus$Y), k = 4)); kw <- nb2listw(k4, style = "W"); kb <- nb2listw(k4, style = "B")
r <- list(meta = list(data = "spData::columbus: CRIME (x), INC (y); col.gal.nb (230 links); 4 nearest neighbours of (X, Y)", kw = wsum(kw), kb = wsum(kb), versions = ver("spdep", "spData", "spatialreg")))
r$geary_rand_k4 <- htest('geary.test(x, 4 nearest, style W, alternative = "two.sided")', geary.test(x, kw, alternative = "two.sided"))
r$geary_norm_k4 <- htest('geary.test(x, 4 nearest, style W, randomisation = FALSE, alternative = "two.sided")', geary.test(x, kw, randomisation = FALSE, alternative = "two.sided"))
r$globalG_k4 <- htest('globalG.test(x, 4 nearest, style B, alternative = "two.sided")', globalG.test(x, kb, alternative = "two.sided"))
hi <- factor(x > median(x), labels = c("low", "high")); jm <- joincount.multi(hi, kb); r$joincount_k4 <- entry("joincount.multi(factor(x > median(x)), 4 nearest, style B)", table = unclass(jm)[, , drop = FALSE])
three <- cut(x, c(-1, 25, 40, 100), labels = c("a", "b", "c")); r$joincount_three <- entry('joincount.multi(cut(x, c(-1, 25, 40, 100), labels = c("a", "b", "c")), col.gal.nb, style B)', table = unclass(joincount.multi(three, lb))[, , drop = FALSE])
r$joincount_three_k4 <- entry('the same, 4 nearest, style W', table = unclass(joincount.multi(three, kw))[, , drop = FALSE])
# lee.test takes Q = x y' for symmetric: of two variables its variance is not that of the permutations; with (Q + Q') / 2 it is.
variance <- function(x, y, l) { Q <- spdep:::Qmatrix(x, y); v <- spdep:::VarGamma(x, y, listw2mat(l), Q = spdep:::PQquant((Q + t(Q)) / 2)); v$varGammaon + v$varGammaoff + 2 * v$varGammaonoff }
for (s in c("W", "B", "k4")) { l <- list(W = lw, B = lb, k4 = kw)[[s]]
  t <- lee.test(x, y, l); r[[paste0("lee_", s)]] <- entry(sprintf("lee.test(x, y, %s), variance by VarGamma with (Q + Q') / 2", s), L = unname(t$estimate[1]), expectation = unname(t$estimate[2]), variance = variance(x, y, l), variance_of_lee_test = unname(t$estimate[3]))
  t <- lee.test(x, x, l); r[[paste0("lee_xx_", s)]] <- entry(sprintf("lee.test(x, x, %s)", s), L = unname(t$estimate[1]), expectation = unname(t$estimate[2]), variance = unname(t$estimate[3])) }
z <- as.vector(scale(x, scale = FALSE)); r$aple_W <- entry("aple(x - mean(x), W)", rho = aple(z, lw)); r$aple_B <- entry("aple(x - mean(x), B)", rho = aple(z, lb)); r$aple_k4 <- entry("aple(x - mean(x), 4 nearest, W, override_similarity_check = TRUE)", rho = aple(z, kw, override_similarity_check = TRUE))
e <- round(x); n <- round(columbus$AREA * 1e4) + 100; set.seed(1); eb <- suppressMessages(EBImoran.mc(e, n, lw, nsim = 9))
r$eb <- entry("EBImoran.mc(round(CRIME), round(AREA * 1e4) + 100, W)", events = e, population = n, z = as.numeric(eb$z), statistic = unname(eb$statistic))
n <- 40 + 0 * n; e <- 8 + (seq_along(n) %% 3); eb <- suppressMessages(EBImoran.mc(e, n, lw, nsim = 9))
r$eb_negative <- entry("the same of 8, 9 and 10 events in 40, whose a is negative and taken as zero", events = e, population = n, z = as.numeric(eb$z), statistic = unname(eb$statistic))
for (m in c("I", "C")) { sc <- sp.correlogram(k4, x, order = 4, method = m, style = "W"); r[[paste0("correlogram_k4_", m)]] <- entry(sprintf('sp.correlogram(4 nearest, x, order = 4, method = "%s", style = "W")', m), values = lapply(1:4, function(i) unname(sc$res[i, ]))) }
save_json(r, "20_global")
