//! Task apps that can be installed on a practice Android.

/// A task app that does not give its to-dos to the shell user.
#[derive(Debug, Clone, Copy)]
pub struct TaskApp {
    pub package: &'static str,
    pub authority: &'static str,
    pub provider: &'static str,
    pub permission: &'static str,
}

/// Task apps with their own provider, from their manifests.
pub const TASK_APPS: [TaskApp; 3] = [
    TaskApp {
        package: "org.dmfs.tasks",
        authority: "org.dmfs.tasks",
        provider: "org.dmfs.provider.tasks.TaskProvider",
        permission: "org.dmfs.permission.READ_TASKS",
    },
    TaskApp {
        package: "org.tasks",
        authority: "org.tasks",
        provider: "org.tasks.provider.TasksContentProvider",
        permission: "org.tasks.permission.READ_TASKS",
    },
    TaskApp {
        package: "at.techbee.jtx",
        authority: "at.techbee.jtx.provider",
        provider: "at.techbee.jtx.contract.SyncContentProvider",
        permission: "at.techbee.jtx.permission.READ",
    },
];
