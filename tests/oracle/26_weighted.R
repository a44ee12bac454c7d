# Weights of the observations: lm and sandwich, Moran of the weighted residuals, errorsarlm; variances by group: nlme::gls.
# Data: spData::columbus with col.gal.nb (230 links), style W; the weights are DISCBD, the groups NSA.
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg); library(sandwich); library(lmtest); library(nlme)})
data(columbus, package = "spData"); lw <- nb2listw(col.gal.nb, style = "W"); d <- columbus
r <- list(meta = list(data = "spData::columbus (columbus, col.gal.nb)", w = wsum(lw), versions = ver("spdep", "spatialreg", "sandwich", "lmtest", "nlme", "spData")))
m <- lm(CRIME ~ INC + HOVAL, data = d, weights = DISCBD); s <- summary(m)
r$wls <- entry("lm(CRIME ~ INC + HOVAL, data = columbus, weights = DISCBD)", coef = coef(m), se = s$coefficients[, 2], t = s$coefficients[, 3], p = s$coefficients[, 4],
  r2 = s$r.squared, adj_r2 = s$adj.r.squared, sigma = s$sigma, loglik = as.numeric(logLik(m)), aic = AIC(m), bic = BIC(m), vcov = vcov(m),
  resid = unname(resid(m)), weighted = unname(weighted.residuals(m)), fitted = unname(fitted(m)), hat = unname(hatvalues(m)))
for (h in c("HC0", "HC1", "HC2", "HC3")) r[[h]] <- entry(sprintf('vcovHC(m, "%s")', h), vcov = vcovHC(m, h))
# The checks of weighted residuals are those of an unweighted regression of the rows multiplied by the roots of the weights.
q <- sqrt(d$DISCBD); t <- data.frame(y = q * d$CRIME, one = q, INC = q * d$INC, HOVAL = q * d$HOVAL, row.names = row.names(d))
u <- lm(y ~ one + INC + HOVAL - 1, data = t)
r$moran_resid <- htest('lm.morantest(m, lw, alternative = "two.sided"), with the weights DISCBD', lm.morantest(m, lw, alternative = "two.sided"))
r$bp <- htest("bptest(the same, ~ INC + HOVAL of columbus, studentize = FALSE)", bptest(u, ~ INC + HOVAL, data = d, studentize = FALSE))
r$koenker <- htest("bptest(the same, ~ INC + HOVAL of columbus)", bptest(u, ~ INC + HOVAL, data = d))
# The LM tests by their definition: W is D^(1/2) W D^(-1/2).
W <- listw2mat(lw); Ws <- diag(q) %*% W %*% diag(1 / q); e <- resid(u); X <- model.matrix(u); s2 <- mean(e^2); M <- diag(49) - X %*% solve(crossprod(X), t(X))
T <- sum(diag(Ws %*% Ws + crossprod(Ws))); wxb <- Ws %*% fitted(u); J <- c(crossprod(wxb, M %*% wxb)) / s2 + T; de <- c(e %*% Ws %*% e) / s2; dl <- c(e %*% Ws %*% t$y) / s2
r$lm_tests <- entry("the LM tests of the rows multiplied by sqrt(DISCBD), W = D^(1/2) W D^(-1/2), dense", error = de^2 / T, lag = dl^2 / J, robust_error = (de - T / J * dl)^2 / (T * (1 - T / J)), robust_lag = (dl - de)^2 / (J - T))
f <- errorsarlm(CRIME ~ INC + HOVAL, data = d, listw = lw, weights = DISCBD, method = "eigen", control = list(tol.opt = 1e-14))
g <- errorsarlm(CRIME ~ INC + HOVAL, data = d, listw = lw, weights = DISCBD, Durbin = TRUE, method = "eigen", control = list(tol.opt = 1e-14))
# errorsarlm leaves the weights out of tr F'F, F = W (I - lambda W)^-1, of its information; with them F is D^(1/2) F D^(-1/2).
lambda_se <- function(f) { F <- W %*% solve(diag(49) - f$lambda * W); Fd <- diag(q) %*% F %*% diag(1 / q)
  sqrt(1 / (sum(diag(F %*% F)) + sum(Fd^2) - 2 / 49 * sum(diag(F))^2)) }
sem <- function(call, f) entry(call, coef = c(f$coefficients, lambda = unname(f$lambda)), lambda = unname(f$lambda), se = f$rest.se, lambda_se = lambda_se(f), lambda_se_without_weights = f$lambda.se, s2 = f$s2, loglik = as.numeric(logLik(f)), aic = AIC(f), resid = unname(residuals(f)), fitted = unname(fitted(f)))
r$sem <- sem('errorsarlm(CRIME ~ INC + HOVAL, weights = DISCBD, method = "eigen", control = list(tol.opt = 1e-14))', f)
r$sdem <- sem('the same, Durbin = TRUE', g)
grp <- function(call, m) { v <- (m$sigma * coef(m$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE))^2
  entry(call, coef = setNames(coef(m), sub("W_", "lag.", names(coef(m)))), aic = AIC(m), bic = BIC(m), variances = v[c("1", "0")], loglik = as.numeric(logLik(m))) }
ctl <- glsControl(tolerance = 1e-14, msTol = 1e-14, maxIter = 500, msMaxIter = 500); d$g <- factor(d$NSA)
r$gls <- grp('gls(CRIME ~ INC + HOVAL, weights = varIdent(form = ~ 1 | NSA), method = "ML")', gls(CRIME ~ INC + HOVAL, data = d, weights = varIdent(form = ~ 1 | g), method = "ML", control = ctl))
r$gls_slx <- grp('the same with the lags of INC and HOVAL', gls(CRIME ~ INC + HOVAL + W_INC + W_HOVAL, data = cbind(d, W_INC = lag.listw(lw, d$INC), W_HOVAL = lag.listw(lw, d$HOVAL)), weights = varIdent(form = ~ 1 | g), method = "ML", control = ctl))
save_json(r, "26_weighted")
