# Hausman.test of spatialreg 1.2.6 has X'(I - lambda W)^-1 (I - lambda W)^-1 X in the middle of the covariance of least squares, where the variance of u has
# (I - lambda W)^-1 (I - lambda W')^-1: right for a symmetric W (here style C), and no symmetric matrix for another. Dense algebra with and without the transpose.
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg)})
data(columbus, package = "spData"); lw <- nb2listw(col.gal.nb, style = "W"); W <- listw2mat(lw); f <- CRIME ~ INC + HOVAL; ctl <- list(tol.opt = 1e-12)
r <- list(meta = list(data = "spData::columbus, col.gal.nb, CRIME ~ INC + HOVAL, W row-standardised", versions = ver("spdep", "spatialreg", "spData")))
h <- function(m) { t <- Hausman.test(m); list(stat = as.numeric(t$statistic), df = as.numeric(t$parameter), p = as.numeric(t$p.value)) }
dense <- function(m, X, W, transpose = TRUE) { B <- diag(49) - m$lambda * W; A <- solve(B); M <- if (transpose) A %*% t(A) else A %*% A; xi <- solve(crossprod(X)); d <- as.numeric(m$coefficients - coef(lm.fit(X, columbus$CRIME)))
  V <- m$s2 * (xi %*% t(X) %*% M %*% X %*% xi - solve(crossprod(B %*% X))); s <- sum(d * solve(V, d)); list(stat = s, df = ncol(X), p = pchisq(s, ncol(X), lower.tail = FALSE)) }
X <- model.matrix(f, columbus); XX <- cbind(X, W %*% X[, -1]); lc <- nb2listw(col.gal.nb, style = "C")
three <- function(m, X, W) list(spatialreg = h(m), dense = dense(m, X, W), dense_without_transpose = dense(m, X, W, FALSE))
r$sem <- three(errorsarlm(f, columbus, lw, control = ctl), X, W)
r$sdem <- three(errorsarlm(f, columbus, lw, Durbin = TRUE, control = ctl), XX, W)
r$sem_C <- three(errorsarlm(f, columbus, lc, control = ctl), X, listw2mat(lc))
save_json(r, "26_checks")
