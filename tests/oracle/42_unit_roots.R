# Unit roots in panels: plm (purtest, cipstest, pcdtest), and by hand with lm what plm lacks or does otherwise. Data: Grunfeld, invest; Munnell, ln GSP.
source("_util.R"); suppressPackageStartupMessages({library(plm); library(sandwich)})
g <- read.csv("../data/grunfeld/grunfeld.csv"); m <- read.csv("../data/munnell/munnell.csv"); m$ln_GSP <- log(m$GSP)
wide <- function(d, unit, time, v) { u <- unique(d[[unit]]); o <- sapply(u, function(i) { x <- d[d[[unit]] == i, ]; x[[v]][order(x[[time]])] }); colnames(o) <- u; o }
panels <- list(grunfeld = wide(g, "firm", "year", "invest"), munnell = wide(m, "STATE", "YR", "ln_GSP"))
frames <- list(grunfeld = pdata.frame(data.frame(i = factor(g$firm, unique(g$firm)), t = g$year, y = g$invest), c("i", "t")),
               munnell = pdata.frame(data.frame(i = factor(m$STATE, unique(m$STATE)), t = m$YR, y = m$ln_GSP), c("i", "t")))
r <- list(meta = list(data = "Grunfeld, ten firms, invest (tests/data/grunfeld); Munnell, 48 states, ln GSP (tests/data/munnell)", versions = ver("plm", "sandwich")))
ex <- c(none = "none", constant = "intercept", trend = "trend")
# Levin, Lin and Chu (2002), equation 6: differences as they are, about their mean only with a trend. plm takes them about their mean with a constant, about their trend with a trend.
lrv <- function(x, exo = "intercept", q = NULL) { d <- diff(x); if (exo == "trend") d <- d - mean(d); T1 <- length(d)
  (sum(d^2) + 2 * sum(sapply(seq_len(q), function(l) (1 - l / (q + 1)) * sum(d[-(1:l)] * d[seq_len(T1 - l)])))) / T1 }
own_lrv <- getFromNamespace("longrunvar", "plm")
llc <- function(x, exo, q, lags, pmax, f, want) { assignInNamespace("longrunvar", f, "plm"); p <- purtest(x, test = "levinlin", exo = exo, lags = lags, pmax = pmax, q = q, dfcor = FALSE); assignInNamespace("longrunvar", own_lrv, "plm")
  # plm cannot take lags by unit here (mean of a list), and its choice by t differs a little without dfcor; then there is nothing to compare.
  if (all(sapply(p$idres, function(u) u$lags) == want)) as.numeric(p$statistic$statistic) }
# The cubic of MacKinnon (1994) ends where it is largest; plm follows it beyond, where p would fall as t rises.
own_padf <- getFromNamespace("padf", "plm"); assignInNamespace("padf", function(x, exo, ...) own_padf(pmin(x, c(none = Inf, intercept = 2.74, trend = 0.7)[[exo]]), exo = exo, ...), "plm")
# Bartlett, sums over T.
bart <- function(e, q) { n <- length(e); (sum(e^2) + if (q) 2 * sum(sapply(1:q, function(l) (1 - l / (q + 1)) * sum(e[-(1:l)] * e[1:(n - l)]))) else 0) / n }
adf <- function(y, exo, p) { d <- diff(y); n <- length(d); s <- (p + 1):n; X <- cbind(level = y[s]); if (p) for (j in 1:p) X <- cbind(X, d[s - j]); if (exo != "none") X <- cbind(X, 1); if (exo == "trend") X <- cbind(X, seq_along(s)); lm(d[s] ~ X - 1) }
cadf <- function(w, exo, p) { b <- rowMeans(w); db <- diff(b); sapply(colnames(w), function(i) { y <- w[, i]; d <- diff(y); n <- length(d); s <- (p + 1):n
  X <- cbind(y[s], b[s]); for (j in 0:p) X <- cbind(X, db[s - j]); if (p) for (j in 1:p) X <- cbind(X, d[s - j]); if (exo != "none") X <- cbind(X, 1); if (exo == "trend") X <- cbind(X, seq_along(s)); summary(lm(d[s] ~ X - 1))$coefficients[1, 3] }) }
for (name in names(panels)) { w <- panels[[name]]; x <- as.data.frame(w); n <- ncol(w); T <- nrow(w)
  for (e in names(ex)) for (rule in list(list("AIC 3", "AIC", 3), list("BIC 3", "SIC", 3), list("GTS 3", "Hall", 3), list("1", 1, 1), list("AIC 4", "AIC", 4))) {
    if (rule[[1]] == "AIC 4" && !(name == "grunfeld" && e == "constant")) next
    one <- function(test, ...) purtest(x, test = test, exo = ex[[e]], lags = rule[[2]], pmax = rule[[3]], dfcor = TRUE, ...)
    mw <- one("madwu"); o <- list(call = sprintf('purtest(test = ., exo = "%s", lags = "%s", pmax = %d, dfcor = TRUE)', ex[[e]], rule[[2]], rule[[3]]))
    o$t <- unname(sapply(mw$idres, function(u) unname(u$trho))); o$rho <- unname(sapply(mw$idres, function(u) unname(u$rho))); o$lag <- unname(sapply(mw$idres, function(u) u$lags)); o$p <- unname(sapply(mw$idres, function(u) as.numeric(u$p.trho)))
    for (t in c("madwu", "Pm", "invnormal", "logit")) { h <- one(t)$statistic; o[[t]] <- as.numeric(h$statistic); o[[paste(t, "p")]] <- as.numeric(h$p.value) }
    if (e != "none") { h <- one("ips"); o$ips <- as.numeric(h$statistic$statistic); o[["ips p"]] <- as.numeric(h$statistic$p.value); o$moments <- as.vector(h$adjval)
      # As plm does without being asked: the variance of t is RSS / n.
      o[["ips, dfcor = FALSE"]] <- as.numeric(purtest(x, test = "ips", exo = ex[[e]], lags = o$lag, dfcor = FALSE)$statistic$statistic) }
    q <- round(3.21 * (T - 1 - mean(o$lag))^(1/3)); o$truncation <- q
    o$llc <- llc(x, ex[[e]], q, rule[[2]], rule[[3]], lrv, o$lag)
    if (e == "none") o[["llc of plm"]] <- llc(x, ex[[e]], q, rule[[2]], rule[[3]], own_lrv, o$lag)
    # Dependence by hand, from residuals over the common periods.
    fits <- lapply(seq_len(n), function(i) adf(w[, i], ex[[e]], o$lag[i])); rows <- min(sapply(fits, function(f) length(resid(f)))); R <- cor(sapply(fits, function(f) tail(resid(f), rows))); z <- R[lower.tri(R)]
    Q <- lapply(fits, function(f) { q <- qr(cbind(1, tail(model.matrix(f), rows)), tol = 1e-10); qr.Q(q)[, seq_len(q$rank), drop = FALSE] }); pairs <- which(lower.tri(R), arr.ind = TRUE)
    mom <- apply(pairs, 1, function(ij) { M <- lapply(ij, function(i) diag(rows) - tcrossprod(Q[[i]])); v <- sapply(M, function(x) round(sum(diag(x)))); A <- M[[1]] %*% M[[2]]; t1 <- sum(diag(A)); E <- t1 / prod(v)
      c(E, 3 * (t1^2 + 2 * sum(diag(A %*% A))) / prod(v * (v + 2)) - E^2) })
    o$cd <- sqrt(rows) * sum(z) / sqrt(length(z)); o$absrho <- mean(abs(z)); o$squares <- sum(z^2 - mom[1, ]) / sqrt(sum(mom[2, ]))
    r[[paste(name, e, rule[[1]], sep = ", ")]] <- o }
  for (e in names(ex)) for (p in 0:2) { t <- cadf(w, ex[[e]], p); k <- switch(e, none = c(-6.12, 4.16), constant = c(-6.19, 2.61), trend = c(-6.42, 1.70)); o <- list(t = unname(t), cips = mean(t), truncated = mean(pmin(pmax(t, k[1]), k[2])))
    if (p > 0) for (tr in c(FALSE, TRUE)) { h <- suppressWarnings(cipstest(frames[[name]]$y, lags = p, type = c(none = "none", constant = "drift", trend = "trend")[[e]], model = "cmg", truncated = tr)); o[[if (tr) "plm truncated" else "plm"]] <- as.numeric(h$statistic); o[[if (tr) "plm truncated p" else "plm p"]] <- as.numeric(h$p.value) }
    r[[paste(name, "cips", e, p, sep = ", ")]] <- o }
  for (e in names(ex)[-1]) { o <- list(); for (h in c(TRUE, FALSE)) o[[if (h) "heteroskedastic" else "homoskedastic"]] <- as.numeric(purtest(x, test = "hadri", exo = ex[[e]], Hcons = h)$statistic$statistic)
    lm_i <- sapply(x, function(y) { e_i <- resid(if (e == "constant") lm(y ~ 1) else lm(y ~ seq_along(y))); c(sum(cumsum(e_i)^2) / T^2, bart(e_i, 2)) }); c0 <- if (e == "constant") c(1/6, 1/45) else c(1/15, 11/6300)
    o[["heteroskedastic, 2 lags"]] <- sqrt(n) * (mean(lm_i[1, ] / lm_i[2, ]) - c0[1]) / sqrt(c0[2]); o[["homoskedastic, 2 lags"]] <- sqrt(n) * (mean(lm_i[1, ]) / mean(lm_i[2, ]) - c0[1]) / sqrt(c0[2])
    r[[paste(name, "hadri", e, sep = ", ")]] <- o } }
# Published pin: plm as it comes, Grunfeld, AIC up to 4, a constant.
r$pin <- list(W = as.numeric(purtest(as.data.frame(panels$grunfeld), test = "ips", exo = "intercept", lags = "AIC", pmax = 4)$statistic$statistic))
P <- pdata.frame(m, c("STATE", "YR")); f <- log(GSP) ~ log(P_CAP) + log(PC) + log(EMP) + UNEMP
for (e in c("pooled", "individual", "time", "twoways")) { k <- if (e == "pooled") plm(f, P, model = "pooling") else plm(f, P, model = "within", effect = e)
  h <- pcdtest(k, test = "cd"); r[[paste("pcdtest", e)]] <- list(z = as.numeric(h$statistic), p = as.numeric(h$p.value), rho = as.numeric(pcdtest(k, test = "rho")$statistic), absrho = as.numeric(pcdtest(k, test = "absrho")$statistic), lm = as.numeric(pcdtest(k, test = "lm")$statistic)) }
# Lines of relative incomes, ln y - ln(mean of the others), Newey and West's standard errors without prewhitening or factor.
gsp <- wide(m, "STATE", "YR", "GSP"); ri <- log(gsp) - log((rowSums(gsp) - gsp) / (ncol(gsp) - 1)); L <- floor(4 * (nrow(ri) / 100)^(2/9)); z <- seq_len(nrow(ri)) - 1
ls <- lapply(seq_len(ncol(ri)), function(i) { k <- lm(ri[, i] ~ z); s <- sqrt(diag(NeweyWest(k, lag = L, prewhite = FALSE, adjust = FALSE))); c(coef(k), s) })
r$lines <- list(lag = L, level = unname(sapply(ls, `[`, 1)), trend = unname(sapply(ls, `[`, 2)), level_se = unname(sapply(ls, `[`, 3)), trend_se = unname(sapply(ls, `[`, 4)), adf = unname(sapply(seq_len(ncol(ri)), function(i) summary(adf(ri[, i], "trend", 1))$coefficients[1, 3])))
save_json(r, "42_unit_roots")
