# Maximum-likelihood growth regressions of the Guangdong prefectures: OLS with LM tests, SAR, SEM, SDM, three spans, nominal and real.
# Data: examples/data/guangdong/guangdong_panel.csv; W: the queen links of guangdong_contiguity.csv, style W. Run from this folder.
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg)})
data_dir <- Sys.getenv("GUANGDONG", "../../examples/data/guangdong")
p <- read.csv(file.path(data_dir, "guangdong_panel.csv"), colClasses = c(adcode = "character"))
k <- read.csv(file.path(data_dir, "guangdong_contiguity.csv"), colClasses = c(adcode_i = "character", adcode_j = "character"))
ids <- unique(p$adcode); A <- matrix(0, 21, 21, dimnames = list(ids, ids))
q <- k[k$queen == 1, ]; A[cbind(q$adcode_i, q$adcode_j)] <- 1; A[cbind(q$adcode_j, q$adcode_i)] <- 1
lw <- mat2listw(A, row.names = ids, style = "W"); W <- A / rowSums(A)
omega <- sort(eigen(A / sqrt(outer(rowSums(A), rowSums(A))), symmetric = TRUE)$values)
ctl <- list(tol.opt = 1e-14)
# The derivative of the concentrated log-likelihood, written out, and its zero: the maximum to the last digits, without flatness at the top.
score <- function(par, y, X, error) {
  if (error) { ys <- y - par * W %*% y; Xs <- X - par * W %*% X; b <- qr.coef(qr(Xs, tol = 1e-15), ys); e <- ys - Xs %*% b; d <- W %*% (y - X %*% b) }
  else { Q <- qr(X, tol = 1e-15); e <- qr.resid(Q, y - par * W %*% y); d <- qr.resid(Q, W %*% y) }
  -sum(omega / (1 - par * omega)) + length(y) * sum(e * d) / sum(e * e)
}
sharp <- function(par, y, X, error) uniroot(score, par + c(-1e-3, 1e-3), y = y, X = X, error = error, tol = 1e-15, maxiter = 1000, extendInt = "downX")$root
profile <- function(par, y, X, error) {
  Xs <- if (error) X - par * W %*% X else X; e <- qr.resid(qr(Xs, tol = 1e-15), y - par * W %*% y); n <- length(y)
  sum(log(1 - par * omega)) - n / 2 * (log(2 * pi) + log(sum(e * e) / n) + 1)
}
fit <- function(call, m, y, X, error) {
  par <- unname(if (error) m$lambda else m$rho); at <- sharp(par, y, X, error)
  o <- entry(call, coef = coef(m), se = m$rest.se, loglik = as.numeric(logLik(m)), aic = AIC(m), s2 = as.numeric(m$s2), resid = unname(m$residuals),
             zero_of_score = at, score_there = score(at, y, X, error), profile_there = profile(at, y, X, error), loglik_above = profile(at, y, X, error) - profile(par, y, X, error))
  if (error) c(o, list(lambda = par, lambda_se = unname(m$lambda.se)))
  else { i <- impacts(m, listw = lw); c(o, list(rho = par, rho_se = unname(m$rho.se), direct = as.numeric(i$direct), indirect = as.numeric(i$indirect), total = as.numeric(i$total))) }
}
one <- function(column, first, last) {
  x <- function(year) { z <- p[p$year == year, ]; z[match(ids, z$adcode), column] }
  d <- data.frame(g = log(x(last) / x(first)) / (last - first), y0 = log(x(first))); f <- g ~ y0; X <- cbind(1, d$y0); XX <- cbind(X, W %*% d$y0)
  m <- lm(f, d); lm_tests <- lapply(lm.LMtests(m, lw, test = "all"), function(h) list(stat = as.numeric(h$statistic), df = as.numeric(h$parameter), p = as.numeric(h$p.value)))
  list(ols = entry("lm(g ~ y0)", coef = coef(m), se = summary(m)$coefficients[, 2], loglik = as.numeric(logLik(m)), lm_tests = lm_tests),
    sar = fit('lagsarlm(g ~ y0, d, lw, method = "eigen", control = list(tol.opt = 1e-14))', lagsarlm(f, d, lw, method = "eigen", control = ctl, tol.solve = 1e-20), d$g, X, FALSE),
    sem = fit('errorsarlm(g ~ y0, d, lw, method = "eigen", control = list(tol.opt = 1e-14))', errorsarlm(f, d, lw, method = "eigen", control = ctl, tol.solve = 1e-20), d$g, X, TRUE),
    sdm = fit('lagsarlm(g ~ y0, d, lw, Durbin = TRUE, method = "eigen", control = list(tol.opt = 1e-14))', lagsarlm(f, d, lw, Durbin = TRUE, method = "eigen", control = ctl, tol.solve = 1e-20), d$g, XX, FALSE))
}
r <- list(meta = list(data = "guangdong_panel.csv, guangdong_contiguity.csv (queen, style W); g mean annual log growth, y0 log of the initial value", w = wsum(lw), eigenvalues = omega, versions = ver("spdep", "spatialreg"),
  note = "lambda, rho: of the package, found by a golden section and parabolas on the log-likelihood, which is flat to 1e-16 over about 1e-8 in the parameter; zero_of_score: the zero of its derivative"))
for (v in list(c("nominal", "gdp_pc_yuan"), c("real", "gdp_pc_real2000_yuan"))) for (s in list(c(2000, 2023), c(2000, 2010), c(2010, 2023)))
  r[[paste(v[1], paste(s, collapse = "-"))]] <- one(v[2], s[1], s[2])
save_json(r, "guangdong_ml")
