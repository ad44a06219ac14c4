package dev.turnstile.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** What {@code worker} may know, and which way its packages depend on each other. */
class BordersTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.turnstile.worker");

    @Test
    void workerKnowsNeitherApisNorEmbeddedServers() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.turnstile.api..", "dev.turnstile.local..")
                .check(CLASSES);
    }

    @Test
    void packagesAreFreeOfCycles() {
        slices().matching("dev.turnstile.worker.(*)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }
}
