# Columbus as in Anselin (1988), table 12.1: spdep's oldcol with COL.nb of 232 links, written as two files for the ignored test `columbus_of_anselin_1988` of tests/published.rs
# (the data of the package are GPL, so that they do not stand here). Run: ORACLE_OUT=folder Rscript 27_oldcol.R; SPATIALECON_OLDCOL=folder cargo test --test published -- --ignored
source("_util.R"); suppressPackageStartupMessages({library(spdep); library(spatialreg)}); data(oldcol, package = "spdep")
write.csv(data.frame(id = row.names(COL.OLD), COL.OLD[, c("CRIME", "INC", "HOVAL")]), file.path(out_dir, "oldcol.csv"), row.names = FALSE, quote = FALSE)
ids <- attr(COL.nb, "region.id"); stopifnot(all(ids == row.names(COL.OLD)))
write.csv(data.frame(from = rep(ids, card(COL.nb)), to = ids[unlist(COL.nb)]), file.path(out_dir, "oldcol_links.csv"), row.names = FALSE, quote = FALSE)
# Hausman's test of the error model: spatialreg's, and by dense algebra with the transpose that it lacks (26_checks.R).
lw <- nb2listw(COL.nb, style = "W"); W <- listw2mat(lw); m <- errorsarlm(CRIME ~ INC + HOVAL, COL.OLD, lw, control = list(tol.opt = 1e-12)); X <- model.matrix(CRIME ~ INC + HOVAL, COL.OLD)
B <- diag(49) - m$lambda * W; A <- solve(B); xi <- solve(crossprod(X)); d <- as.numeric(m$coefficients - coef(lm.fit(X, COL.OLD$CRIME)))
s <- function(M) sum(d * solve(m$s2 * (xi %*% t(X) %*% M %*% X %*% xi - solve(crossprod(B %*% X))), d))
print(c(spatialreg = as.numeric(Hausman.test(m)$statistic), without = s(A %*% A), with = s(A %*% t(A)), p = pchisq(s(A %*% t(A)), 3, lower.tail = FALSE)), digits = 9)
m1 <- sacsarlm(CRIME ~ INC + HOVAL, COL.OLD, lw, control = list(opt_method = "nlminb", opt_control = list(rel.tol = 1e-15, x.tol = 1e-13, abs.tol = 0))); print(c(m1$rho, m1$lambda, logLik(m1)), digits = 9)
