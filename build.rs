//! Names a missing LAPACK in a sentence, before the linker does it in a thousand lines.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "openblas-system")]
    if std::env::var_os("DOCS_RS").is_none()
        && pkg_config::Config::new()
            .cargo_metadata(false)
            .probe("openblas")
            .is_err()
    {
        println!(
            "cargo::error=feature `openblas-system`: pkg-config finds no OpenBLAS. Debian and Ubuntu: apt-get install libopenblas-dev pkg-config; Fedora: dnf install openblas-devel; macOS: brew install openblas (and export PKG_CONFIG_PATH=$(brew --prefix openblas)/lib/pkgconfig). Without this feature the crate needs no system library."
        );
    }
}
