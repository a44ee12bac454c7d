# Predictions in sample and for new units by spatialreg's predict(), for the models that it has them for. Data: spData::columbus, col.gal.nb, style W.
# New units: every sixth from the third on; the sample is what is left, with its own row-standardised weights, and the joined weights are those of all 49.
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg)})
data(columbus, package = "spData"); row.names(columbus) <- 0:48; attr(col.gal.nb, "region.id") <- as.character(0:48)
lw <- nb2listw(col.gal.nb, style = "W"); f <- CRIME ~ INC + HOVAL
new <- seq(3, 49, by = 6); out <- columbus[new, ]; ins <- columbus[-new, ]; ls <- nb2listw(subset(col.gal.nb, !(1:49 %in% new)), style = "W")
ctl <- list(tol.opt = 1e-12); sctl <- list(opt_method = "nlminb", opt_control = list(rel.tol = 1e-15, x.tol = 1e-13, abs.tol = 0))
r <- list(meta = list(data = "spData::columbus, col.gal.nb, CRIME ~ INC + HOVAL, W row-standardised", new_units = new - 1, islands_of_the_sample = sum(card(ls$neighbours) == 0), versions = ver("spdep", "spatialreg", "spData"),
  note = "legacy = TRUE; legacy.mixed = FALSE: lags of regressors by the joined weights"))
fits <- function(d, l) list(lag = lagsarlm(f, d, l, control = ctl), error = errorsarlm(f, d, l, control = ctl), sdm = lagsarlm(f, d, l, Durbin = TRUE, control = ctl),
  sdem = errorsarlm(f, d, l, Durbin = TRUE, control = ctl), sac = sacsarlm(f, d, l, control = sctl), gns = sacsarlm(f, d, l, Durbin = TRUE, control = sctl))
one <- function(...) tryCatch(unname(as.numeric(predict(...))), error = function(e) NULL)
a <- fits(columbus, lw); b <- fits(ins, ls)
for (m in names(a)) {
  r[[m]] <- list(coef = coef(b[[m]]), rho = unname(b[[m]]$rho), lambda = unname(b[[m]]$lambda), loglik = as.numeric(logLik(b[[m]])), parameters_in_sample = coef(a[[m]]))
  for (p in c("trend", "TS", "TC", "BP")) {
    r[[m]][[paste0("in_", p)]] <- one(a[[m]], pred.type = p, listw = lw)
    r[[m]][[paste0("out_", p)]] <- one(b[[m]], newdata = out, listw = lw, pred.type = if (p == "TS") "TS1" else p)
  }
}
# What predict() lacks: best predictors of the error models, of GNS for new units, and of SAC with its error process (predict.Sarlm 1.2.6 takes the
# precision (I - rho W)'(I - rho W) for BP of a sacsarlm fit, as if lambda were zero). By dense algebra from spatialreg's parameters, Goulard et al. (2017), (12) and (17).
W <- listw2mat(lw); n <- 49; I <- diag(n); S <- setdiff(1:n, new); y <- columbus$CRIME; zero <- function(v) if (is.null(v)) 0 else v
dense <- function(m) { X <- model.matrix(f, columbus); if (any(grepl("lag", names(coef(m))))) X <- cbind(X, W %*% X[, -1]); A <- I - zero(m$rho) * W; B <- I - zero(m$lambda) * W
  be <- coef(m)[!names(coef(m)) %in% c("rho", "lambda")]; tc <- solve(A, X %*% be); list(X = X, A = A, B = B, trend = X %*% be, tc = tc, Q = t(A) %*% t(B) %*% B %*% A) }
for (m in names(a)) {
  d <- dense(a[[m]]); r[[m]]$dense_in_TC <- as.numeric(d$tc); r[[m]]$dense_in_BP <- as.numeric(y - d$Q %*% (y - d$tc) / diag(d$Q)); r[[m]]$dense_in_TS <- as.numeric(y - d$B %*% (d$A %*% y - d$trend))
  d <- dense(b[[m]]); r[[m]]$dense_out_trend <- as.numeric(d$trend[new]); r[[m]]$dense_out_TC <- as.numeric(d$tc[new])
  r[[m]]$dense_out_BP <- as.numeric(d$tc[new] - solve(d$Q[new, new], d$Q[new, S] %*% (y[S] - d$tc[S])))
}
save_json(r, "25_predict")
